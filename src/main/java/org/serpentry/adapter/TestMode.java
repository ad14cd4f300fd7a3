// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import java.util.Optional;
import java.util.function.Function;

/** Where the test mode is read: {@code serpentry.test-mode}, else {@code TEST_MODE}. */
public final class TestMode {

  /** The key, also as a system property; as an environment variable SERPENTRY_TEST_MODE. */
  public static final String KEY = "serpentry.test-mode";

  /** The original's variable, also as a system property. */
  public static final String VARIABLE = "TEST_MODE";

  private TestMode() {}

  /**
   * Reads it.
   *
   * @param more asked for {@value #KEY} and {@value #VARIABLE} before system properties and
   *     environment variables are
   * @return the mode, not checked; empty when there is none
   */
  public static Optional<String> of(Function<String, Optional<String>> more) {
    return text(more.apply(KEY))
        .or(() -> text(Optional.ofNullable(System.getProperty(KEY))))
        .or(() -> text(Optional.ofNullable(System.getenv("SERPENTRY_TEST_MODE"))))
        .or(() -> text(more.apply(VARIABLE)))
        .or(() -> text(Optional.ofNullable(System.getProperty(VARIABLE))))
        .or(() -> text(Optional.ofNullable(System.getenv(VARIABLE))));
  }

  private static Optional<String> text(Optional<String> value) {
    return value.map(String::trim).filter(mode -> !mode.isEmpty());
  }
}
