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
    boolean any = false;
    for (Slot slot : crew.slots()) {
      if (slot.current() != null && !slot.drained()) {
        any = true;
        crew.turnover().whenSettled(slot.number(), arrived -> settled(slot, arrived));
      }
    }
    if (any) {
      long most = context.config().startTimeout().toMillis();
      limit = context.reactor().schedule(most, TimeUnit.MILLISECONDS, this::late);
    } else {
      done.complete(null); // Workers come when they are needed.
    }
    crew.nursery().renew(reason);
    return done;
  }

  private void settled(Slot slot, boolean arrived) {
    if (arrived) {
      limit.cancel();
      done.complete(null);
    } else if (slot.lastExit() != null) {
      failure = ": " + slot.lastExit().explain();
    }
  }

  private void late() {
    done.completeExceptionally(
        new IllegalStateException(
            "no worker serves within start-timeout (%s)%s; see StatusReason"
                .formatted(context.config().startTimeout(), failure)));
  }
}
