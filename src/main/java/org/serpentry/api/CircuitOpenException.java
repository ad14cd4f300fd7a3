// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.time.Duration;

/**
 * Too many calls or workers failed of late, or an operator has blocked the function; calls are
 * refused for a while.
 */
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

  private CircuitOpenException(ErrorContext context, String message) {
    super(ErrorCategory.RESOURCE, "circuit_open", context.withRetrySafe(false), message, null);
    this.retryAfter = Duration.ZERO;
  }

  /**
   * Refuses what an operator has blocked.
   *
   * @param context where
   * @param message who has blocked what
   * @return the exception
   */
  public static CircuitOpenException byHand(ErrorContext context, String message) {
    return new CircuitOpenException(context, message);
  }

  /** Time until a trial call may pass; zero when unknown. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
