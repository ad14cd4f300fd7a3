// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * A value does not fit: an argument its Python parameter, or a result JSON or its Java type. The
 * context holds what is known of {@code argument}, {@code path}, {@code expected}, {@code actual}.
 */
public final class BindingException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /** Which way the value was going. */
  public enum Direction {
    /** From Java to Python. */
    ARGUMENT,
    /** From Python to Java. */
    RESULT
  }

  private final Direction direction;

  /**
   * Reports.
   *
   * @param context where, with what is known of the value's place and types, never the value itself
   * @param direction which way the value was going
   * @param text naming the argument or the path, the expected and the actual type
   * @param cause or null
   */
  public BindingException(ErrorContext context, Direction direction, String text, Throwable cause) {
    super(
        ErrorCategory.PYTHON,
        direction == Direction.ARGUMENT ? "argument_binding" : "result_binding",
        context.withRetrySafe(false),
        text,
        cause);
    this.direction = direction;
  }

  /** Which way the value was going. */
  public Direction direction() {
    return direction;
  }
}
