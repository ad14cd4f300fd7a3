// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * The session did not come to this call in time: an earlier call of it was still running, or its
 * worker was busy. The call did not start, so that it is always transient.
 */
public final class SessionBusyException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /**
   * Reports.
   *
   * @param context where
   * @param reason what it waited for, and how long
   */
  public SessionBusyException(ErrorContext context, String reason) {
    super(
        ErrorCategory.RESOURCE,
        "session_busy",
        context.withRetrySafe(true),
        "session " + context.sessionId() + " is busy: " + reason,
        null);
  }
}
