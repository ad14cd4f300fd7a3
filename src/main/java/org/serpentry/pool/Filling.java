// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.serpentry.api.WorkerState;
import org.serpentry.config.StartMode;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.ExitReport;
import org.serpentry.worker.Worker;

/**
 * Which slots get a worker, and when: those that the pool always has, those that waiting calls
 * cause, and each after the pause that its early deaths have earned it. Everything runs on the
 * reactor.
 */
final class Filling {

  private final PoolContext context;
  private final Crew crew;
  private final Checkout checkout;
  private final Map<Long, Reactor.Timer> startTimers = new HashMap<>();
  private boolean lookingAgain;

  Filling(PoolContext context, Crew crew, Checkout checkout) {
    this.context = context;
    this.crew = crew;
    this.checkout = checkout;
  }

  /** The pool's size has changed: makes places, or has workers too many leave after their call. */
  void resized() {
    for (int number = 0; number < crew.size(); number++) {
      if (crew.slot(number) == null) {
        crew.slots().add(new Slot(number));
      }
    }
    for (Slot slot : List.copyOf(crew.slots())) {
      if (slot.number() >= crew.size()) {
        if (slot.empty()) {
          crew.remove(slot);
        }
        if (slot.incoming() != null) {
          slot.incoming().retire();
        }
        if (slot.current() != null) {
          crew.turnover().retire(slot.current(), "pool was resized");
        }
      }
    }
  }

  /** Starts the workers that are missing; the template must be able to fork them. */
  void fill() {
    int missing = context.config().start() == StartMode.LAZY ? called() - starting() : crew.size();
    for (Slot slot : crew.slots()) {
      if (missing > 0 && free(slot) && !overflow(slot) && crew.restarts().mayStart()) {
        crew.spawnInto(slot);
        missing--;
      }
    }
    fillOverflow();
  }

  private void fillOverflow() {
    Map.Entry<Integer, Long> waited =
        checkout.waitedFor(
            WorkerPool.nanos(context.config().life().overflowDelay()), crew.maxSize() * places());
    // Who backs off counts as one that starts: otherwise another slot would take its place at once.
    int more = workersFor(waited.getKey()) - starting() - (int) backingOff();
    if (waited.getValue() != Checkout.NEVER && crew.slots().size() < crew.maxSize()) {
      lookAgain(waited.getValue());
    }
    for (Slot slot : crew.slots()) {
      if (overflow(slot) && free(slot)) {
        if (more > 0 && mayGrow()) {
          crew.spawnInto(slot);
          more--;
        } else {
          crew.remove(slot);
        }
      }
    }
    for (int room = crew.maxSize() - crew.slots().size();
        more > 0 && room > 0 && mayGrow();
        room--) {
      Slot slot = new Slot(freeNumber());
      crew.slots().add(slot);
      crew.spawnInto(slot);
      more--;
    }
  }

  /** One look for all that wait is enough: it arms the next. */
  private void lookAgain(long nanos) {
    if (!lookingAgain) {
      lookingAgain = true;
      context
          .reactor()
          .schedule(
              nanos,
              TimeUnit.NANOSECONDS,
              () -> {
                lookingAgain = false;
                crew.fill();
              });
    }
  }

  private boolean mayGrow() {
    return allStarted() && crew.restarts().mayStart();
  }

  private static boolean free(Slot slot) {
    return slot.empty() && !slot.backingOff() && !slot.drained();
  }

  private boolean overflow(Slot slot) {
    return slot.number() >= crew.size();
  }

  /**
   * How many calls want a worker; at a fault nobody gets as far as waiting, and one must prove it.
   */
  private int called() {
    return Math.max(workersFor(checkout.waiting()), crew.outage().reason().isEmpty() ? 0 : 1);
  }

  private int workersFor(int calls) {
    return (calls + places() - 1) / places();
  }

  /** Those of the workers that come now: the setting's may never serve. */
  private int places() {
    return crew.nursery().templates().servingPlaces();
  }

  private boolean allStarted() {
    return crew.slots().stream()
        .noneMatch(slot -> !overflow(slot) && slot.empty() && !slot.drained());
  }

  private long backingOff() {
    return crew.slots().stream().filter(slot -> overflow(slot) && slot.backingOff()).count();
  }

  private int starting() {
    return (int)
        crew.slots().stream()
            .filter(slot -> slot.current() == null && slot.incoming() != null)
            .count();
  }

  private int freeNumber() {
    int number = 0;
    while (crew.slot(number) != null) {
      number++;
    }
    return number;
  }

  // ---- slow starts and early deaths

  /** Sees to it that a worker being started arrives in time. */
  void watch(Worker worker) {
    startTimers.put(
        worker.id(),
        context
            .reactor()
            .schedule(
                context.config().startTimeout().toMillis(),
                TimeUnit.MILLISECONDS,
                () -> late(worker)));
  }

  /** A worker has arrived or ended; a timer left behind would keep its buffers. */
  void unwatch(Worker worker) {
    Reactor.Timer timer = startTimers.remove(worker.id());
    if (timer != null) {
      timer.cancel();
    }
  }

  private void late(Worker worker) {
    startTimers.remove(worker.id());
    if (worker.machine().state() != WorkerState.INITIALIZING) {
      return;
    }
    crew.announcer()
        .warn(
            "worker " + worker.id() + " did not connect within " + context.config().startTimeout());
    if (worker.pid() == 0) {
      crew.nursery().templates().stuck(worker);
      crew.workerExited(worker.id(), ExitReport.unseen("it was never started"));
    } else {
      crew.restarts().killers().poolKills(worker.id(), "it did not connect within start-timeout");
      crew.nursery().signal(worker, "kill");
    }
  }

  /** A slot has lost its worker: it gets another after a pause, which may be none. */
  void vacated(Slot slot, ExitReport report, boolean early, long delay) {
    if (slot.drained() && !overflow(slot)) {
      return; // Whoever drained it refills it.
    }
    if (overflow(slot) && (!early || checkout.waiting() == 0)) {
      crew.remove(slot);
      crew.fill();
      return;
    }
    if (!crew.restarts().mayStart()) {
      return; // The breaker fills again when it closes.
    }
    if (delay == 0) {
      crew.fill();
      return;
    }
    if (!crew.full().isDone()) {
      crew.outage().startFailed("its workers do not start: " + report.explain());
    }
    slot.backingOff(true);
    context.reactor().schedule(delay, TimeUnit.MILLISECONDS, () -> backOffOver(slot));
  }

  /** The pause that a slot's early deaths have earned it, in milliseconds. */
  long restartMillis(Slot slot) {
    return Backoff.millis(
        slot.earlyDeaths(),
        context.config().restartBackoffMin().toMillis(),
        context.config().restartBackoffMax().toMillis(),
        context.random().nextDouble());
  }

  private void backOffOver(Slot slot) {
    slot.backingOff(false);
    crew.fill();
  }
}
