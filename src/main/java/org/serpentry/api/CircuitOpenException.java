// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.time.Duration;

/** Too many calls or workers failed of late; calls are refused for a while. */
public final class CircuitOpenException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  private final Duration retryAfter;

  /**
   * Refuses.
   *
   * @param context where
   * @param retryAfter until the circuit lets a trial call pass; zero when unknown
   * @param lastCause what failed last, as text for the message
   * @param cause or null
   */
  public CircuitOpenException(
      ErrorContext context, Duration retryAfter, String lastCause, Throwable cause) {
    super(
        ErrorCategory.RESOURCE,
        "circuit_open",
        context.with("retryAfterMillis", retryAfter.toMillis()).withRetrySafe(false),
        "the circuit is open after repeated failures, the last being: " + lastCause,
        cause);
    this.retryAfter = retryAfter;
  }

  /** Time until a trial call may pass; zero when unknown. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
