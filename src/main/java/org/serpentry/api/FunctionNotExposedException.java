// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** There is no such function, or it is not marked {@code @serpentry.expose}. */
public final class FunctionNotExposedException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  private final String target;

  /**
   * Reports.
   *
   * @param context where
   * @param target the {@code module:function} asked for
   * @param text what Python says, naming the nearest published function
   */
  public FunctionNotExposedException(ErrorContext context, String target, String text) {
    super(
        ErrorCategory.PYTHON,
        "function_not_exposed",
        context.with("target", target).withRetrySafe(false),
        text,
        null);
    this.target = target;
  }

  /** The {@code module:function} asked for. */
  public String target() {
    return target;
  }
}
