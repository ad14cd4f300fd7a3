// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.serpentry.transport.Reactor;

/**
 * Has a pool whose clock jumped look at it: callers that wait look at their deadlines again, and
 * the reactor runs the timers that fell due. Run by any thread but the reactor's; returns when they
 * have run.
 */
final class ClockJump implements Runnable {

  private static final long PATIENCE_SECONDS = 10;

  private final Reactor reactor;
  private final Crew crew;
  private final Checkout checkout;

  ClockJump(Reactor reactor, Crew crew, Checkout checkout) {
    this.reactor = reactor;
    this.crew = crew;
    this.checkout = checkout;
  }

  @Override
  public void run() {
    if (reactor.ended()) {
      return;
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    reactor.execute(
        () -> {
          checkout.lookAgain();
          crew.lookAgain();
          // As a timer, it runs after those that fell due before now.
          reactor.schedule(0, TimeUnit.NANOSECONDS, () -> done.complete(null));
        });
    try {
      done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      if (!reactor.ended()) {
        throw new IllegalStateException(
            "the pool's control thread has not looked at its clock for " + PATIENCE_SECONDS + " s",
            e);
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the pool looked at its clock", e);
    }
  }
}
