// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What an operation does to the bean; some servers let read-only users call those that only tell.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Impact {
  /** A constant of {@link javax.management.MBeanOperationInfo}. */
  int value();
}
