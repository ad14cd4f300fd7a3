// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * The state of the session was changed in the session store while the call ran, by somebody else
 * than a call of it. The function has run; its changes to the state are dropped, the other ones
 * stand.
 */
public final class SessionConflictException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /**
   * Reports.
   *
   * @param context where; its {@code retrySafe} says whether the call is declared idempotent
   */
  public SessionConflictException(ErrorContext context) {
    super(
        ErrorCategory.RESOURCE,
        "session_conflict",
        context,
        "the state of session "
            + context.sessionId()
            + " was changed or deleted in the session store while the call ran, whose own changes"
            + " are dropped; call again if the function may run twice",
        null);
  }
}
