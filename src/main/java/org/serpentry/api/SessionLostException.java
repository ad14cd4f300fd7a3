// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * A session of a {@code strict} pool kept things on its worker ({@code
 * serpentry.context().session.local}), and that worker has gone. The call did not start; so will no
 * other of this session, until it is ended. Not transient: repeating it helps nothing.
 */
public final class SessionLostException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /**
   * Reports.
   *
   * @param context where
   */
  public SessionLostException(ErrorContext context) {
    super(
        ErrorCategory.COMMUNICATION,
        "session_lost",
        context.withRetrySafe(false),
        "session "
            + context.sessionId()
            + " kept things on its worker, which has gone; end() it and begin anew, or keep in"
            + " context().session itself what must outlive a worker",
        null);
  }
}
