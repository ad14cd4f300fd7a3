// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * The pool's own parts failed too often within a short time, so that its supervisor has given it
 * up; the call did not start.
 */
public final class PoolFailedException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /**
   * Refuses or ends a call.
   *
   * @param context where
   * @param reason which part failed, how often, and how it failed last
   */
  public PoolFailedException(ErrorContext context, String reason) {
    super(
        ErrorCategory.RESOURCE,
        "pool_failed",
        context.withRetrySafe(false),
        "the pool has failed and takes no calls: "
            + reason
            + "; remove the cause, then restart the pool or wait for supervisor-cooldown",
        null);
  }
}
