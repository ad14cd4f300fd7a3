// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.serpentry.transport.Reactor;

/**
 * Has another launcher take over, and watches for the first worker that serves under it. Everything
 * runs on the reactor.
 */
final class Renewal {

  private final PoolContext context;
  private final Crew crew;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private Reactor.Timer limit;
  private int open; // Slots that are to be filled again.
  private String failure = "";

  Renewal(PoolContext context, Crew crew) {
    this.context = context;
    this.crew = crew;
  }

  /**
   * Begins.
   *
   * @param reason why, for the log
   * @return ends when a worker serves, or exceptionally when none does within {@code start-timeout}
   */
  CompletableFuture<Void> begin(String reason) {
    for (Slot slot : crew.slots()) {
      if (slot.current() != null && !slot.drained()) {
        open++;
        watch(slot);
      }
    }
    if (open > 0) {
      long most = context.config().startTimeout().toMillis();
      limit = context.reactor().schedule(most, TimeUnit.MILLISECONDS, this::late);
    } else {
      done.complete(null); // Workers come when they are needed.
    }
    crew.nursery().renew(reason);
    return done;
  }

  private void watch(Slot slot) {
    crew.turnover().whenSettled(slot.number(), arrived -> settled(slot, arrived));
  }

  private void settled(Slot slot, boolean arrived) {
    if (done.isDone()) {
      return;
    }
    if (!arrived) {
      if (slot.lastExit() != null) {
        failure = ": " + slot.lastExit().explain();
      }
      watch(slot); // The next try may be better, or what failed was the old launcher's.
      return;
    }
    boolean serves = slot.current() != null; // Else it was given up with its worker.
    if (serves || --open == 0) {
      limit.cancel();
      done.complete(null);
    }
  }

  private void late() {
    done.completeExceptionally(
        new IllegalStateException(
            "no worker serves within start-timeout (%s)%s; see StatusReason"
                .formatted(context.config().startTimeout(), failure)));
  }
}
