// SPDX-License-Identifier: Apache-2.0
package org.serpentry.original;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * What carries acceptance scenarios of the original pool: a class all of whose tests do, or one
 * test. {@code mvn test -Dgroups=original} runs them alone.
 */
@Tag("original")
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface Original {

  /**
   * The suites of the original whose scenarios these are, as {@code docs/from-dspex.md} names them.
   */
  String[] value();
}
