// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

/** A value could not be turned into JSON, or JSON not into the wanted type. */
public final class CodecException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What was wrong. Part of the interface: callers choose their own exception by it. */
  public enum Reason {
    /** A type, or a text with half a surrogate pair, that JSON cannot carry. */
    UNSUPPORTED,
    /** NaN or an infinity, and the pool does not say {@code nan=allow}. */
    NOT_FINITE,
    /** More levels of arrays and objects than {@code max-nesting}, or a circular reference. */
    NESTING,
    /** The JSON is well-formed but does not fit the wanted type. */
    MISMATCH,
    /** The text is not JSON. */
    MALFORMED
  }

  private final Reason reason;
  private final String typeName;

  /**
   * A failure.
   *
   * @param reason what was wrong
   * @param typeName the Java type at fault
   * @param message what, where and what to do
   * @param cause or null
   */
  public CodecException(Reason reason, String typeName, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.typeName = typeName;
  }

  /** What was wrong. */
  public Reason reason() {
    return reason;
  }

  /** The Java type that could not be written or read. */
  public String typeName() {
    return typeName;
  }
}
