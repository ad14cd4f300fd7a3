// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import org.serpentry.api.Health;
import org.serpentry.api.WorkerState;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.StartMode;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.PoolSnapshot.SlotView;

/**
 * Whether a pool can serve a call that comes now, or soon.
 *
 * @param able whether it can
 * @param reason why, or why not, in a few words
 */
record Serving(boolean able, String reason) {

  /** Judges a pool; one whose workers are all busy serves, since calls wait for them. */
  static Serving of(PoolConfig config, PoolSnapshot pool) {
    if (pool.suspended()) {
      return new Serving(false, "suspended");
    }
    if (pool.services().inPlace()) {
      return new Serving(true, "degraded: " + pool.services().describe());
    }
    long serving = pool.workers().stream().filter(Serving::serves).count();
    if (serving > 0) {
      boolean idle = pool.workers().stream().anyMatch(w -> w.state() == WorkerState.READY);
      return new Serving(true, idle ? "ready" : "all workers busy");
    }
    if (!pool.fault().isEmpty()) {
      return new Serving(false, "no worker can be started");
    }
    boolean unasked =
        config.start() == StartMode.LAZY && pool.workers().stream().allMatch(w -> w.worker() == 0);
    return unasked
        ? new Serving(true, "workers start with the first call")
        : new Serving(false, "no worker can serve yet");
  }

  private static boolean serves(SlotView worker) {
    return worker.worker() != 0
        && worker.health() != Health.UNHEALTHY
        && (worker.state() == WorkerState.READY || worker.state() == WorkerState.BUSY);
  }
}
