// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

/** What is known of a type whose JSON needs no JSON-B. */
sealed interface Shape permits Shape.Scalar, Shape.Items, PlainRecord {

  /** A value without parts. */
  enum Scalar implements Shape {
    /** {@code String}. */
    TEXT(true),
    /** {@code int}. */
    INT(false),
    /** {@code Integer}. */
    BOXED_INT(true),
    /** {@code long}. */
    LONG(false),
    /** {@code Long}. */
    BOXED_LONG(true),
    /** {@code double}. */
    DOUBLE(false),
    /** {@code Double}. */
    BOXED_DOUBLE(true),
    /** {@code boolean}. */
    BOOLEAN(false),
    /** {@code Boolean}. */
    BOXED_BOOLEAN(true);

    private final boolean nullable;

    Scalar(boolean nullable) {
      this.nullable = nullable;
    }

    boolean nullable() {
      return nullable;
    }
  }

  /**
   * A {@code List}.
   *
   * @param item its items' shape
   */
  record Items(Shape item) implements Shape {}
}
