// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Runs a test, or a class of them, only on some layers; on others it is skipped with the reason.
 * For use beside {@link PythonPoolTest}.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface OnLayer {

  /** The layers; not {@link TestLayer#CHOSEN}. */
  TestLayer[] value();
}
