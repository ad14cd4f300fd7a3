// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.CompletableFuture;
import org.serpentry.config.StartMode;
import org.serpentry.spi.PoolListener.RecycleReason;
import org.serpentry.worker.Worker;

/**
 * Empties a slot and keeps it empty until it is refilled, for what an operator wants to look at or
 * repair on one worker's place, such as a GPU. Everything runs on the reactor.
 */
final class SlotDrains {

  private final PoolContext context;
  private final Crew crew;

  SlotDrains(PoolContext context, Crew crew) {
    this.context = context;
    this.crew = crew;
  }

  /** Has the slot's worker leave after its call; the future ends when the slot is empty. */
  void drain(Slot slot, CompletableFuture<Void> done) {
    if (slot.drained()) {
      throw new IllegalStateException("Slot " + slot.number() + " is drained already");
    }
    slot.drained(true);
    Worker incoming = slot.incoming();
    if (incoming != null) {
      incoming.retire();
    }
    Worker current = slot.current();
    if (current != null) {
      crew.turnover().retire(current, "drained by an operator");
    }
    Worker last = incoming != null ? incoming : current;
    if (last == null) {
      done.complete(null);
    } else {
      last.onExit(() -> context.reactor().execute(() -> emptied(slot, done)));
    }
  }

  private static void emptied(Slot slot, CompletableFuture<Void> done) {
    Worker left = slot.current();
    if (left == null) {
      done.complete(null);
    } else {
      left.onExit(() -> done.complete(null));
    }
  }

  /** Starts a worker in a drained slot; the future ends when it serves. */
  void refill(Slot slot, CompletableFuture<Void> done) {
    if (!slot.drained()) {
      throw new IllegalStateException("Slot " + slot.number() + " is not drained");
    }
    slot.drained(false);
    crew.fill();
    if (slot.incoming() != null) {
      crew.turnover().whenSettled(slot.number(), arrived -> refilled(slot, arrived, done));
    } else if (slot.current() != null || context.config().start() == StartMode.LAZY) {
      done.complete(null);
    } else {
      done.completeExceptionally(
          new IllegalStateException(
              "no worker can be started now; slot %d is filled as soon as one can"
                  .formatted(slot.number())));
    }
  }

  /** Replaces the slot's worker; the future ends when the new one serves. */
  void recycle(Slot slot, CompletableFuture<Void> done) {
    if (!crew.turnover().recycle(slot, RecycleReason.demanded("operator"))) {
      throw new IllegalStateException(
          "Slot %d has no worker to replace now, or is being replaced already"
              .formatted(slot.number()));
    }
    crew.turnover().whenSettled(slot.number(), arrived -> refilled(slot, arrived, done));
  }

  private static void refilled(Slot slot, boolean arrived, CompletableFuture<Void> done) {
    if (arrived) {
      done.complete(null);
    } else {
      done.completeExceptionally(
          new IllegalStateException(
              "its worker did not start: "
                  + (slot.lastExit() == null ? "unknown cause" : slot.lastExit().explain())));
    }
  }
}
