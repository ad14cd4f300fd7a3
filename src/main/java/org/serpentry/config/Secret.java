// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.Objects;

/** A text that must not be shown: no text made of it holds it. Immutable. */
public final class Secret {
  private final String value;

  private Secret(String value) {
    this.value = Objects.requireNonNull(value);
  }

  /**
   * Hides a text.
   *
   * @param value the text; empty stands for none
   * @return the secret
   */
  public static Secret of(String value) {
    return new Secret(value);
  }

  /**
   * The text itself, for whoever needs it to do what it is for.
   *
   * @return the text, empty for none
   */
  public String reveal() {
    return value;
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return value.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && value.equals(secret.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  /** Tells only whether there is one. */
  @Override
  public String toString() {
    return value.isEmpty() ? "" : "(set)";
  }
}
