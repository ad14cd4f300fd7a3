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
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.QueueFullException;
import org.serpentry.api.TransientPythonPoolException;
import org.serpentry.config.PoolConfig;
import org.serpentry.ee.guard.GuardClasses;

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
    String target = call.request().target();
    ErrorContext context =
        ErrorContext.ofPool(call.pool())
            .withSession(call.request().session())
            .with("target", target)
            .with(GUARD, GuardClasses.className(call.pool()));
    if (failure instanceof TimeoutException) {
      return caused(
          new CallTimeoutException(context, target, GuardClasses.timeout(config), ""), failure);
    }
    if (failure instanceof BulkheadException) {
      return caused(
          new QueueFullException(
              context, config.maxSize() + config.queueCapacity(), call.core().control().counts()),
          failure);
    }
    if (failure instanceof CircuitBreakerOpenException) {
      return new CircuitOpenException(
          context, Duration.ZERO, "see the failures logged before", failure);
    }
    if (failure instanceof CancellationException) {
      return new CallCancelledException(context, target, "its caller", failure);
    }
    return new PythonPoolException(
        ErrorCategory.SYSTEM, "guard", context, "the server's guard failed: " + failure, failure);
  }

  /** Whether an exception is one of MicroProfile Fault Tolerance's own. */
  static boolean isGuards(Throwable failure) {
    return failure instanceof FaultToleranceException;
  }

  /** What an asynchronous caller sees: as {@link #translate}, but a fallback's own stays itself. */
  static Throwable visible(GuardedCall call, Throwable failure) {
    if (failure instanceof CompletionException && failure.getCause() != null) {
      return visible(call, failure.getCause());
    }
    boolean ours =
        failure instanceof PythonPoolException
            || failure instanceof CancellationException
            || isGuards(failure);
    return ours ? translate(call, failure) : failure;
  }

  private static PythonPoolException caused(PythonPoolException failure, Throwable cause) {
    failure.addSuppressed(cause);
    return failure;
  }
}
