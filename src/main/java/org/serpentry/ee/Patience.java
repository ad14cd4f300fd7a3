// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.serpentry.api.PythonPoolException;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.CallRequest;
import org.serpentry.recovery.RetryDelays;

/**
 * The pauses of a synchronous call that is repeated by its guard or by the facade before that, and
 * the one deadline of all its attempts. Used by the calling thread only.
 */
final class Patience {

  private final RetryDelays delays;
  private final LongSupplier nanoTime;
  private final long end;
  private PythonPoolException judged;
  private boolean worth;
  private int repeated;
  private long pause;

  Patience(CallRequest request, PoolConfig config, RetryDelays delays, LongSupplier nanoTime) {
    this.delays = delays;
    this.nanoTime = nanoTime;
    this.end = nanoTime.getAsLong() + AsyncLimit.ofAll(request, config).toNanos();
  }

  /** Whether there is time for another attempt; draws the pause before it, once for a failure. */
  boolean afterFailure(PythonPoolException failure) {
    if (judged != failure) {
      judged = failure;
      pause = delays.nanos(++repeated, pause, ThreadLocalRandom.current());
      worth = end - nanoTime.getAsLong() - pause > 0;
    }
    return worth;
  }

  /** Pauses; returns the call with what is left of its time. */
  CallRequest again(CallRequest request) {
    if (pause > 0) {
      LockSupport.parkNanos(pause);
    }
    Duration left = Duration.ofNanos(Math.max(1, end - nanoTime.getAsLong()));
    return request.leaving(left);
  }
}
