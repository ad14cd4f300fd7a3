// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * New code was refused: it could not be read, its import raised, or its first worker did not prove
 * itself. The code before it serves on.
 */
public final class CodeReloadException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  private final String traceback;

  /**
   * Reports.
   *
   * @param context where; not retry-safe, since the same code fails again
   * @param text why, with what Python said
   * @param traceback the import's traceback as Python prints it, or empty
   * @param cause what a probe of the first worker ended with, or null
   */
  public CodeReloadException(ErrorContext context, String text, String traceback, Throwable cause) {
    super(
        ErrorCategory.SYSTEM,
        "code_reload_failed",
        context.withRetrySafe(false),
        "the new code was not taken, the code before it serves on: " + text,
        cause);
    this.traceback = traceback;
  }

  /** The traceback of the import that failed, as Python prints it; empty when none did. */
  public String traceback() {
    return traceback;
  }
}
