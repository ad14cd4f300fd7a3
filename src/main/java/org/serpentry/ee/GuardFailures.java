// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.FaultToleranceException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.CircuitOpenException;
import org.serpentry.api.ErrorCategory;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PoolCounts;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.QueueFullException;
import org.serpentry.api.TransientPythonPoolException;
import org.serpentry.config.PoolConfig;
import org.serpentry.ee.guard.GuardClasses;
import org.serpentry.pool.CallRequest;

/** Turns what comes out of a guard into the pool's own exceptions. */
final class GuardFailures {

  private static final String GUARD = "guard";

  private GuardFailures() {}

  /**
   * The exception that the caller sees.
   *
   * @param call the call
   * @param failure what the guard threw
   * @return it, unwrapped or translated
   */
  static PythonPoolException translate(GuardedCall call, Throwable failure) {
    if (failure instanceof TransientPythonPoolException wrapped) {
      return wrapped.unwrap();
    }
    if (failure instanceof PythonPoolException own) {
      return own;
    }
    if ((failure instanceof CompletionException || failure instanceof ExecutionException)
        && failure.getCause() != null) {
      return translate(call, failure.getCause());
    }
    PoolConfig config = call.core().config();
    GuardSettings settings = call.settings();
    if (failure instanceof TimeoutException && settings.timeoutEnabled()) {
      return caused(timedOut(config, call.request(), settings.timeout()), failure);
    }
    if (failure instanceof BulkheadException) {
      return caused(
          tooManyCallers(
              config, call.request(), settings.callers(), call.core().control().counts()),
          failure);
    }
    ErrorContext context = context(config, call.request());
    if (failure instanceof CircuitBreakerOpenException) {
      return new CircuitOpenException(
          context, Duration.ZERO, "see the failures logged before", failure);
    }
    if (failure instanceof InterruptedException) {
      return new CallCancelledException(
          context, call.request().target(), "its thread's interrupt", failure);
    }
    if (failure instanceof CancellationException) {
      return new CallCancelledException(context, call.request().target(), "its caller", failure);
    }
    return new PythonPoolException(
        ErrorCategory.SYSTEM, "guard", context, "the server's guard failed: " + failure, failure);
  }

  /**
   * Whether an exception is one of MicroProfile Fault Tolerance's own. A timeout that the guard
   * does not have is another's, of what a call's fallback calls.
   */
  static boolean isGuards(Throwable failure, GuardSettings settings) {
    return failure instanceof FaultToleranceException
        && (settings.timeoutEnabled() || !(failure instanceof TimeoutException));
  }

  private static ErrorContext context(PoolConfig config, CallRequest request) {
    return ErrorContext.ofPool(config.name())
        .withSession(request.sessionId())
        .with("target", request.target())
        .with(GUARD, GuardClasses.className(config.name()));
  }

  static PythonPoolException timedOut(PoolConfig config, CallRequest request, Duration limit) {
    return new CallTimeoutException(context(config, request), request.target(), limit, "");
  }

  static PythonPoolException tooManyCallers(
      PoolConfig config, CallRequest request, int callers, PoolCounts counts) {
    return new QueueFullException(context(config, request), callers, counts);
  }

  static PythonPoolException circuitOpen(
      PoolConfig config, CallRequest request, Duration retryAfter, String lastFailure) {
    return new CircuitOpenException(context(config, request), retryAfter, lastFailure, null);
  }

  static PythonPoolException closed(PoolConfig config) {
    return new PoolClosedException(
        ErrorContext.ofPool(config.name()), "it has been shut down with its application", null);
  }

  /** A call whose own limits would have no effect, since the guard's is shorter. */
  static PythonPoolException asksForTooMuch(
      PoolConfig config, CallRequest request, Duration timeout, String method) {
    return new PythonPoolException(
        ErrorCategory.SYSTEM,
        "guard_timeout",
        context(config, request).withRetrySafe(false),
        """
        a call of %s may wait and run longer, by its own timeouts, than the %d ms after which the \
        pool's guard would end it: shorten them, raise checkout-timeout or operation-timeout of \
        the pool, or %s/%s/Timeout/value"""
            .formatted(
                request.target(),
                timeout.toMillis(),
                GuardClasses.className(config.name()),
                method),
        null);
  }

  private static PythonPoolException caused(PythonPoolException failure, Throwable cause) {
    failure.addSuppressed(cause);
    return failure;
  }
}
