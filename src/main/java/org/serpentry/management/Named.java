// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The name under which consoles show an operation's parameter; else they show {@code p1}. */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface Named {
  /** The name. */
  String value();
}
