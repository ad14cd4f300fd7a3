// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.PoolConfig;
import org.serpentry.recovery.RetryDelays;

/**
 * How often one call is tried again, after which pauses, and until when: one deadline for its
 * waits, attempts and pauses. It is the call's budget, and from its first lease on no later than
 * its operation timeout from then. Only the loss of a worker is answered by another attempt: a call
 * that waited for a worker in vain, or found the queue full, has used up its caller's patience. One
 * per call, used by one thread at a time.
 */
final class Retries {

  /** What {@link #pauseAfter} says when the failure is final. */
  static final long NONE = -1;

  /** What all calls of a pool have in common. */
  record Policy(int retries, RetryDelays delays, Duration budget) {
    static Policy of(PoolConfig config) {
      return new Policy(
          config.maxRetries(), RetryDelays.of(config), config.resilience().timeoutBudget());
    }
  }

  private final Policy policy;
  private final CallRequest request;
  private int used;
  private long pause;
  private boolean bounded;
  private boolean leased;
  private long end;
  private long queued;

  Retries(CallRequest request, Policy policy) {
    this.request = request;
    this.policy = policy;
  }

  /** It began to wait, if it had not before: its budget runs from then. */
  void began(long now) {
    if (!bounded) {
      Duration budget = request.budget() != null ? request.budget() : policy.budget();
      if (!budget.isZero()) {
        bounded = true;
        end = now + WorkerPool.nanos(budget);
      }
    }
  }

  /** It waited for a worker for so long. */
  void waited(long nanos) {
    queued += nanos;
  }

  /** How long it has waited for workers so far, in nanoseconds. */
  long queued() {
    return queued;
  }

  /** How long it may wait for a worker from now on, in nanoseconds: no longer than it would. */
  long patience(Duration asked, long now) {
    began(now);
    long nanos = WorkerPool.nanos(asked);
    return bounded ? Math.max(0, Math.min(nanos, end - now)) : nanos;
  }

  /** Its deadline, now that it has a worker. */
  long deadline(Duration operation, long now) {
    if (!leased) {
      leased = true;
      began(now);
      long own = now + WorkerPool.nanos(operation);
      end = bounded && end - own < 0 ? end : own;
      bounded = true;
    }
    return end;
  }

  /**
   * The pause before another attempt, in nanoseconds, or {@link #NONE} when there is to be none:
   * the failure does not allow it, the attempts are used up, or the time would be after the pause.
   */
  long pauseAfter(PythonPoolException failure, long now) {
    int most = request.retries() >= 0 ? request.retries() : policy.retries();
    if (!(failure instanceof WorkerCrashedException) || !failure.isTransient() || used >= most) {
      return NONE;
    }
    long next = policy.delays().nanos(used + 1, pause, ThreadLocalRandom.current());
    if (bounded && end - now - next <= 0) {
      return NONE;
    }
    used++;
    pause = next;
    return next;
  }
}
