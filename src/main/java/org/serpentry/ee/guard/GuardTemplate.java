// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee.guard;

import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Fallback;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.ProtocolException;
import org.serpentry.api.TransientPythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.api.WorkerStartException;
import org.serpentry.ee.FallbackAnswer;
import org.serpentry.ee.GuardedCall;
import org.serpentry.ee.PoolGuard;

/**
 * What every pool's guard class is made from: {@link GuardClasses} copies this class under the
 * pool's name and puts the pool's numbers in the place of the constants. The template itself is no
 * bean and is never called.
 *
 * <ul>
 *   <li>Timeout: a backstop, of one attempt, left out unless MicroProfile Config asks for it, since
 *       it costs more than the rest. The pool's own deadlines, which cross the wire, are shorter.
 *   <li>Retry: only a lost worker's call that did not start or is declared idempotent. It makes no
 *       pauses: those of the pool, which grow, lie in the attempts.
 *   <li>Bulkhead: as many callers as the pool has places and room in its queue.
 *   <li>CircuitBreaker: counts dead workers, failed starts, protocol errors and timeouts. Neither
 *       Python's own exceptions, nor bad arguments, nor overload are failures of the pool.
 *   <li>Fallback: the call's own, where it has one.
 * </ul>
 *
 * <p>Only synchronous calls come by; asynchronous ones have a breaker and a bulkhead of their own.
 */
class GuardTemplate extends PoolGuard {
  // Each must be unlike every other constant of this class, and valid as it stands.
  static final long TIMEOUT_MILLIS = 1_900_000_001L;
  static final long RETRY_MAX_MILLIS = 1_900_000_003L;
  static final int RETRIES = 1_900_000_004;
  static final int CALLERS = 1_900_000_005;

  /** For CDI. */
  public GuardTemplate() {}

  @Override
  @Timeout(TIMEOUT_MILLIS)
  @Retry(
      maxRetries = RETRIES,
      delay = 0,
      maxDuration = RETRY_MAX_MILLIS,
      jitter = 0,
      retryOn = TransientPythonPoolException.class)
  @Bulkhead(CALLERS)
  @CircuitBreaker(
      failOn = {
        TransientPythonPoolException.class,
        WorkerCrashedException.class,
        WorkerStartException.class,
        ProtocolException.class,
        CallTimeoutException.class,
        TimeoutException.class
      })
  @Fallback(FallbackAnswer.class)
  public Object call(GuardedCall call) {
    return super.call(call);
  }
}
