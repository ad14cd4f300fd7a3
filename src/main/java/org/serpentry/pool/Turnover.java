// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.serpentry.api.WorkerState;
import org.serpentry.worker.Worker;

/**
 * How workers leave: retired after their call, recycled behind a replacement, condemned at once. A
 * worker that is in a lease is only marked; whoever ends the lease brings it here. Everything runs
 * on the reactor, {@link #close(Worker)} on any thread.
 */
final class Turnover {

  private static final Logger LOG = System.getLogger(Turnover.class.getName());

  private final PoolContext context;
  private final Crew crew;
  private final Checkout checkout;
  private final Map<Integer, Runnable> settlements = new HashMap<>();

  Turnover(PoolContext context, Crew crew, Checkout checkout) {
    this.context = context;
    this.crew = crew;
    this.checkout = checkout;
  }

  /** Ends a worker after its present call, by the end of its input. */
  void retire(Worker worker, String reason) {
    worker.retire();
    if (checkout.withdraw(worker)) {
      leave(worker, reason);
    }
  }

  /** A lease has ended on a worker that may not serve on. */
  void leaseEndedBadly(Worker worker) {
    if (worker.exit().isDone()) {
      close(worker);
    } else if (worker.machine().state() == WorkerState.BUSY) {
      leave(worker, "retired");
    }
  }

  void leave(Worker worker, String reason) {
    crew.announcer().move(worker, WorkerState.TERMINATING, reason, Map.of());
    try {
      worker.channel().shutdownOutput();
    } catch (IOException e) {
      // It is dying by itself; the ladder below makes sure of it.
      LOG.log(Level.DEBUG, "A retired worker's connection had ended already", e);
    }
    crew.ladder().end(worker);
  }

  /** A lease ended with a worker that broke the protocol or its connection: it must not live. */
  void condemn(Worker worker, String reason) {
    if (worker.exit().isDone()) {
      close(worker);
      return;
    }
    WorkerState state = worker.machine().state();
    if (state == WorkerState.BUSY || state == WorkerState.READY) {
      crew.announcer().move(worker, WorkerState.TERMINATING, reason, Map.of());
    }
    crew.ladder().kill(worker);
  }

  /** Starts a replacement for a slot's worker, which serves on until the new one is ready. */
  boolean recycle(int number) {
    Slot slot = crew.slot(number);
    if (slot == null
        || slot.incoming() != null
        || slot.current() == null
        || !crew.nursery().ready()) {
      return false;
    }
    crew.spawnInto(slot);
    return true;
  }

  /** Runs a task once, when the replacement of a slot's worker has arrived or failed. */
  void whenSettled(int slot, Runnable task) {
    settlements.put(slot, task);
  }

  /** The replacement of a slot's worker has arrived or failed. */
  void settled(int slot) {
    Runnable task = settlements.remove(slot);
    if (task != null) {
      task.run();
    }
  }

  /** Retires overflow workers that have served nothing since the last look. */
  void watchIdle() {
    long period = context.config().idleTimeout().toMillis();
    if (period > 0) {
      context
          .reactor()
          .schedule(
              period,
              TimeUnit.MILLISECONDS,
              () -> {
                retireIdle();
                watchIdle();
              });
    }
  }

  private void retireIdle() {
    for (Slot slot : crew.slots()) {
      Worker worker = slot.current();
      boolean unused = slot.unusedSinceTick();
      if (unused
          && slot.number() >= crew.size()
          && worker != null
          && worker.machine().state() == WorkerState.READY) {
        retire(worker, "idle");
      }
    }
  }

  /** Closes a dead worker's connection; called by whoever held it last. */
  static void close(Worker worker) {
    try {
      worker.closeChannel();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "A dead worker's connection could not be closed", e);
    }
  }
}
