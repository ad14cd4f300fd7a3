// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.serpentry.spi.PoolListener.RecycleReason;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.Worker;

/**
 * When workers are renewed: the limits of each, the background looks at memory, age and use, and
 * the queue of those that have reached a limit, of which one is replaced at a time. Everything runs
 * on the reactor; {@link #rss} on any thread. The call path knows of it by one comparison.
 */
final class Recycling {

  /** Looks at use within one idle timeout. */
  private static final int IDLE_LOOKS = 4;

  private final PoolContext context;
  private final Crew crew;
  private final Checkout checkout;
  private final ProcessMemory memory = new ProcessMemory(Path.of("/proc"));
  private final Map<Long, Tenure> tenures = new ConcurrentHashMap<>();
  private final Map<Long, RecycleReason> due = new LinkedHashMap<>();
  private final Backoff backoff;
  private Slot beingReplaced;
  private boolean pausing;
  private int round;

  Recycling(PoolContext context, Crew crew, Checkout checkout) {
    this.context = context;
    this.crew = crew;
    this.checkout = checkout;
    this.backoff = new Backoff(context.config());
  }

  /** Begins to look, as often as the settings say now; former rounds of looks end. */
  void start() {
    round++;
    every(round, context.config().life().memoryCheckInterval().toMillis(), this::look);
    long idle = context.config().idleTimeout().toMillis();
    if (idle > 0) {
      every(round, Math.max(1, idle / IDLE_LOOKS), this::shrink);
    }
  }

  private void every(int mine, long millis, Runnable task) {
    context
        .reactor()
        .schedule(
            millis,
            TimeUnit.MILLISECONDS,
            () -> {
              if (mine == round) {
                every(mine, millis, task);
                crew.supervisor().run(Supervisor.HOUSEKEEPING, task, () -> {});
              }
            });
  }

  /** The settings have changed: every worker draws its limits anew, and who is over them goes. */
  void settingsChanged() {
    tenures.forEach(
        (id, tenure) -> {
          WorkerLimits limits = WorkerLimits.draw(context.config(), context.random());
          tenure.limits(limits);
          Worker worker = crew.worker(id);
          if (worker != null) {
            worker.atServed(limits.requests());
          }
        });
    due.clear();
    start();
    look();
  }

  /** A worker has shaken hands: it draws its limits. Called before it is given to anybody. */
  void arrived(Worker worker) {
    WorkerLimits limits = WorkerLimits.draw(context.config(), context.random());
    tenures.put(worker.id(), new Tenure(limits, context.nanoTime().getAsLong()));
    worker.atServed(limits.requests(), () -> context.reactor().execute(() -> check(worker)));
  }

  /** A worker has ended; returns its tenure, or null when it never arrived. */
  Tenure ended(Worker worker) {
    due.remove(worker.id());
    return tenures.remove(worker.id());
  }

  /** A worker's resident memory at the last look, in bytes; 0 before the first. */
  long rss(Worker worker) {
    Tenure tenure = tenures.get(worker.id());
    return tenure == null ? 0 : tenure.rss();
  }

  /** Looks at the memory and age of every worker. */
  void look() {
    crew.restarts().killers().age();
    for (Slot slot : crew.slots()) {
      Worker worker = slot.current();
      if (worker != null && tenures.containsKey(worker.id())) {
        tenures.get(worker.id()).rss(memory.resident(worker.pid()));
        check(worker);
      }
    }
    next();
  }

  private void check(Worker worker) {
    Tenure tenure = tenures.get(worker.id());
    if (tenure == null) {
      return; // It has ended since.
    }
    RecycleReason reason =
        tenure
            .limits()
            .reached(worker.served(), tenure.age(context.nanoTime().getAsLong()), tenure.rss());
    if (reason != null && due.putIfAbsent(worker.id(), reason) == null) {
      next();
    }
  }

  /** Begins to replace the first worker that is due and can be, unless one is being replaced. */
  void next() {
    if (pausing || (beingReplaced != null && crew.slot(beingReplaced.number()) == beingReplaced)) {
      return;
    }
    beingReplaced = null;
    for (long id : List.copyOf(due.keySet())) {
      Worker worker = crew.worker(id);
      Slot slot = worker == null ? null : crew.slot(worker.slot());
      if (slot == null || slot.current() != worker || worker.retiring()) {
        due.remove(id);
      } else if (crew.turnover().recycle(slot, due.get(id))) {
        beingReplaced = slot;
        crew.turnover().whenSettled(slot.number(), replaced -> settled(id, replaced));
        return;
      }
    }
  }

  private void settled(long id, boolean replaced) {
    beingReplaced = null;
    if (replaced) {
      due.remove(id);
      backoff.reset();
      next();
      return;
    }
    // The old one serves on. What kept its replacement from starting may keep the others' too.
    RecycleReason reason = due.remove(id);
    if (reason != null) {
      due.put(id, reason);
    }
    pausing = true;
    context
        .reactor()
        .schedule(
            backoff.nextMillis(),
            TimeUnit.MILLISECONDS,
            () -> {
              pausing = false;
              next();
            });
  }

  // ---- overflow

  /**
   * Retires at most one overflow worker, when the pool has had one worker more than it used for
   * that worker's idle timeout. The workers used last are used first, so the one without use may be
   * one that the pool keeps: then the overflow worker that was used least goes in its place.
   */
  private void shrink() {
    long now = context.nanoTime().getAsLong();
    RecycleReason reason = null;
    List<Map.Entry<Long, Slot>> overflow = new ArrayList<>();
    for (Slot slot : crew.slots()) {
      Worker worker = slot.current();
      Tenure tenure = worker == null ? null : tenures.get(worker.id());
      if (tenure == null) {
        continue;
      }
      RunningCall call = crew.lanes().running(worker);
      long unused = tenure.unused(call == null ? 0 : call.id(), worker.served(), now);
      if (call == null && unused >= tenure.limits().idleNanos()) {
        reason = tenure.limits().unused(unused);
      }
      if (slot.number() >= crew.size() && slot.incoming() == null && !worker.retiring()) {
        overflow.add(Map.entry(unused, slot));
      }
    }
    if (reason != null && !overflow.isEmpty() && checkout.waiting() == 0) {
      Slot least = overflow.stream().max(Comparator.comparing(Map.Entry::getKey)).get().getValue();
      crew.turnover().retireFor(least.current(), reason);
    }
  }
}
