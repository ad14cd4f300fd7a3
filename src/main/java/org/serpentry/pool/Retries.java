// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.PoolConfig;

/**
 * How often one call is tried again, and after which pauses. Only the loss of a worker is answered
 * so: a call that waited for a worker in vain, or found the queue full, has used up its caller's
 * patience. One per call, used by one thread at a time.
 */
final class Retries {

  private final int most;
  private final Duration step;
  private int used;

  Retries(CallRequest request, PoolConfig config) {
    this.most = request.retries() >= 0 ? request.retries() : config.maxRetries();
    this.step = config.retryDelay();
  }

  /** Whether to try again after this failure; counts the attempt. */
  boolean take(PythonPoolException failure) {
    if (!(failure instanceof WorkerCrashedException) || !failure.isTransient() || used >= most) {
      return false;
    }
    used++;
    return true;
  }

  /** The pause before the attempt just taken, in nanoseconds: none before the first. */
  long pauseNanos() {
    return step.multipliedBy(used - 1L).toNanos();
  }
}
