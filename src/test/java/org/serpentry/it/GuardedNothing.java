// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.ExecutionContext;
import org.eclipse.microprofile.faulttolerance.Fallback;
import org.eclipse.microprofile.faulttolerance.FallbackHandler;
import org.eclipse.microprofile.faulttolerance.Retry;
import org.eclipse.microprofile.faulttolerance.Timeout;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.TransientPythonPoolException;

/** Empty methods under the annotations of a pool's guard: what they cost by themselves. */
@ApplicationScoped
public class GuardedNothing {

  /** Returns its argument, as a guard calls that has no timeout, as by default. */
  @Retry(
      maxRetries = 3,
      delay = 1_000,
      maxDuration = 700_000,
      jitter = 0,
      retryOn = TransientPythonPoolException.class)
  @Bulkhead(1_000)
  @CircuitBreaker(failOn = PythonCallException.class)
  @Fallback(Otherwise.class)
  public Object call(Object value) {
    return value;
  }

  /** Returns its argument, as a guard calls whose timeout is on. */
  @Timeout(170_000)
  @Retry(
      maxRetries = 3,
      delay = 1_000,
      maxDuration = 700_000,
      jitter = 0,
      retryOn = TransientPythonPoolException.class)
  @Bulkhead(1_000)
  @CircuitBreaker(failOn = PythonCallException.class)
  @Fallback(Otherwise.class)
  public Object callTimed(Object value) {
    return value;
  }

  /** Is there because the guard has one, too. */
  public static final class Otherwise implements FallbackHandler<Object> {
    @Override
    public Object handle(ExecutionContext context) {
      throw new IllegalStateException("nothing failed", context.getFailure());
    }
  }
}
