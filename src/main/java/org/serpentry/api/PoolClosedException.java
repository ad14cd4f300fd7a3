// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** The pool is closing, closed, or never opened. */
public final class PoolClosedException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /**
   * Refuses or ends a call.
   *
   * @param context where
   * @param reason why it is closed, for example {@code the application is being undeployed}
   * @param cause or null
   */
  public PoolClosedException(ErrorContext context, String reason, Throwable cause) {
    super(
        ErrorCategory.RESOURCE,
        "pool_closed",
        context.withRetrySafe(false),
        "the pool is closed: " + reason,
        cause);
  }
}
