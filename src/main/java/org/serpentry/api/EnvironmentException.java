// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** The Python interpreter or environment is missing, unfit, or could not be built. */
public final class EnvironmentException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /**
   * Reports.
   *
   * @param context where
   * @param text what is wrong and what to do
   * @param cause or null
   */
  public EnvironmentException(ErrorContext context, String text, Throwable cause) {
    super(ErrorCategory.SYSTEM, "environment", context.withRetrySafe(false), text, cause);
  }
}
