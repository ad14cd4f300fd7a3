// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import org.serpentry.api.WorkerState;
import org.serpentry.pool.PoolSnapshot;

/**
 * What a snapshot means to an operator.
 *
 * @param status the pool in one word
 * @param reason why
 * @param action what might be done, or empty
 */
record Verdict(PoolStatus status, String reason, String action) {

  static Verdict closed() {
    return new Verdict(
        PoolStatus.CLOSED,
        "the pool has been closed",
        "Its application has ended; deploy or start it again.");
  }

  /** Judges a pool of which no slot is drained. */
  static Verdict of(PoolSnapshot pool, boolean lazy) {
    return of(pool, lazy, 0);
  }

  /**
   * Judges a pool that is open. A lazy pool may have fewer workers than its size without being the
   * worse for it.
   *
   * @param drained how many slots an operator keeps empty
   */
  static Verdict of(PoolSnapshot pool, boolean lazy, int drained) {
    int busy = pool.states().get(WorkerState.BUSY);
    int serving = busy + pool.states().get(WorkerState.READY);
    if (pool.suspended()) {
      String besides = pool.fault().isEmpty() ? "" : "; besides, " + pool.fault();
      return new Verdict(
          PoolStatus.SUSPENDED,
          "an operator has suspended it; %d calls still run%s".formatted(busy, besides),
          "Use resume to let calls in again.");
    }
    if (pool.services().inPlace()) {
      return new Verdict(
          PoolStatus.DEGRADED,
          pool.services().describe(),
          "Remove the cause; a probe brings the calls back to the pool. See RecentEvents and the log.");
    }
    if (!pool.fault().isEmpty()) {
      return new Verdict(
          PoolStatus.FAILED,
          pool.fault(),
          "Remove the cause; the pool tries again by itself. See RecentEvents and the log.");
    }
    if (pool.waiting() > 0 && busy >= pool.maxSize()) {
      return new Verdict(
          PoolStatus.EXHAUSTED,
          "%d calls wait, the first for %d ms, and all %d workers are busy"
              .formatted(pool.waiting(), pool.firstWaitMillis(), busy),
          "See RunningCalls for calls that hang; else use resize to add workers.");
    }
    return capacity(pool, lazy, serving, drained);
  }

  private static Verdict capacity(PoolSnapshot pool, boolean lazy, int serving, int drained) {
    int degraded = pool.states().get(WorkerState.DEGRADED);
    if (drained > 0) {
      return new Verdict(
          PoolStatus.DEGRADED,
          "%d of %d workers serve; %d slots are drained".formatted(serving, pool.size(), drained),
          "Use refillWorker once what they were drained for is done.");
    }
    if (degraded > 0 || (serving < pool.size() && !lazy)) {
      int starting = pool.states().get(WorkerState.INITIALIZING);
      return new Verdict(
          PoolStatus.DEGRADED,
          "%d of %d workers serve; %d are being started, %d are degraded"
              .formatted(serving, pool.size(), starting, degraded),
          "Should it last, see LastExit of the workers, RecentEvents and the log.");
    }
    return new Verdict(PoolStatus.OK, serving + " workers serve", "");
  }
}
