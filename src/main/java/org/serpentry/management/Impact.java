// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What an operation does, for consoles and for {@code serpentry.management.operations}. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Impact {
  /** A constant of {@link javax.management.MBeanOperationInfo}. */
  int value();

  /** Whether it loses no running call and keeps none out, so that {@code safe} permits it. */
  boolean safe() default false;
}
