// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;
import static java.lang.annotation.ElementType.TYPE;

import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a bean, an attribute (on its getter), an operation or a parameter means, for consoles. */
@Documented
@Target({TYPE, METHOD, PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
public @interface Description {
  /** One sentence with units and ranges. */
  String value();
}
