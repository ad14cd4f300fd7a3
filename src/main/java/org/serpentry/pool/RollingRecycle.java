// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.serpentry.spi.PoolListener.RecycleReason;
import org.serpentry.worker.Worker;

/**
 * Replaces every worker that serves at its beginning, one after the other. It ends as failed, after
 * it has tried them all, when one of them serves on. Everything runs on the reactor.
 */
final class RollingRecycle {

  private static final RecycleReason WHY = RecycleReason.demanded("operator");

  private final Crew crew;
  private final CompletableFuture<Void> done;
  private final Deque<Worker> left = new ArrayDeque<>();
  private final List<String> kept = new ArrayList<>();

  RollingRecycle(Crew crew, CompletableFuture<Void> done) {
    this.crew = crew;
    this.done = done;
  }

  /** Begins; the future ends when the last worker has been dealt with. */
  void begin() {
    for (Slot slot : crew.slots()) {
      if (slot.current() != null) {
        left.add(slot.current());
      }
    }
    next();
  }

  private void next() {
    for (Worker worker = left.poll(); worker != null; worker = left.poll()) {
      Worker old = worker;
      Slot slot = crew.slot(old.slot());
      if (slot == null || slot.current() != old) {
        continue; // It is gone already.
      }
      boolean underWay = slot.incoming() != null || old.retiring();
      if (underWay || crew.turnover().recycle(slot, WHY)) {
        crew.turnover().whenSettled(slot.number(), replaced -> settled(old, replaced));
        return;
      }
      kept.add("slot %d: no worker can be started now".formatted(old.slot()));
    }
    if (kept.isEmpty()) {
      done.complete(null);
    } else {
      done.completeExceptionally(
          new IllegalStateException("Not replaced: " + String.join("; ", kept)));
    }
  }

  private void settled(Worker old, boolean replaced) {
    if (!replaced) {
      Slot slot = crew.slot(old.slot());
      kept.add(
          "slot %d: its replacement failed: %s"
              .formatted(
                  old.slot(),
                  slot == null || slot.lastExit() == null
                      ? "an unknown cause"
                      : slot.lastExit().explain()));
    }
    next();
  }
}
