// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An attribute of records that consoles get as {@code TabularData}. On its getter, which returns a
 * list.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Table {
  /** The column that tells the rows apart; of two rows with the same one the first is shown. */
  String value();
}
