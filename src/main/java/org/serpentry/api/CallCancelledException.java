// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** The caller, its interrupt, or an operator cancelled the call. Never transient. */
public final class CallCancelledException extends AbandonedCallException {
  private static final long serialVersionUID = 1L;

  /**
   * Reports.
   *
   * @param context where
   * @param target the function called
   * @param by who cancelled, for example {@code the caller's interrupt}
   * @param cause for example the InterruptedException, or null
   */
  public CallCancelledException(ErrorContext context, String target, String by, Throwable cause) {
    super(
        ErrorCategory.SYSTEM,
        "call_cancelled",
        context.with("target", target).withRetrySafe(false),
        target + " was cancelled by " + by,
        cause,
        "");
  }
}
