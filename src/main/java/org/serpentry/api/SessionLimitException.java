// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * A limit of sessions was reached: too many of them ({@code session-limit}; the call did not
 * start), a state too large ({@code session-state-size}) or a full store ({@code
 * session-store-size}). In the last two cases the function has run, and the state is as it was
 * before.
 */
public final class SessionLimitException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /**
   * Reports.
   *
   * @param context where
   * @param key the setting that limits
   * @param text what happened and what to do
   * @param cause or null
   */
  public SessionLimitException(ErrorContext context, String key, String text, Throwable cause) {
    super(ErrorCategory.RESOURCE, "session_limit", context.with("setting", key), text, cause);
  }
}
