// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.time.Duration;

/**
 * The call ran past its deadline and was cancelled. Transient only when it is declared idempotent,
 * since Python may have done its work.
 */
public final class CallTimeoutException extends AbandonedCallException {
  private static final long serialVersionUID = 1L;

  /**
   * Reports.
   *
   * @param context where
   * @param target the function called
   * @param timeout that ran out
   * @param stackDump stacks of the worker's threads, empty when there is none (yet)
   */
  public CallTimeoutException(
      ErrorContext context, String target, Duration timeout, String stackDump) {
    super(
        ErrorCategory.TIMEOUT,
        "command_timeout",
        context.with("target", target).with("timeoutMillis", timeout.toMillis()),
        target
            + " did not answer within "
            + timeout.toMillis()
            + " ms"
            + budget(context)
            + " and was cancelled; raise its timeout or operation-timeout, or make it faster",
        null,
        stackDump);
  }

  /**
   * Reports a stream whose next item did not come.
   *
   * @param context where
   * @param target the function called
   * @param idle for how long none came
   */
  public CallTimeoutException(ErrorContext context, String target, Duration idle) {
    super(
        ErrorCategory.TIMEOUT,
        "command_timeout",
        context.with("target", target).with("idleMillis", idle.toMillis()),
        target
            + " gave no item within "
            + idle.toMillis()
            + " ms and was cancelled; raise its idleTimeout or stream-idle-timeout",
        null,
        "");
  }

  private static String budget(ErrorContext context) {
    Object millis = context.values().get("budgetMillis");
    return millis == null ? "" : ", or what its waits left of its budget of " + millis + " ms,";
  }
}
