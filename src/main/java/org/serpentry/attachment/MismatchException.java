// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

/** A binary value is not of the type, the shape or the byte order that is wanted. */
public final class MismatchException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String expected;
  private final String actual;

  MismatchException(String expected, String actual) {
    super("expected " + expected + ", got " + actual);
    this.expected = expected;
    this.actual = actual;
  }

  /**
   * What is wanted.
   *
   * @return a type and shape, never a value
   */
  public String expected() {
    return expected;
  }

  /**
   * What came.
   *
   * @return a type and shape, never a value
   */
  public String actual() {
    return actual;
  }
}
