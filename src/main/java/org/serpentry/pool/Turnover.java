// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.serpentry.api.WorkerState;
import org.serpentry.spi.PoolListener.RecycleReason;
import org.serpentry.spi.PoolListener.WorkerRef;
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
  private final Map<Integer, List<Consumer<Boolean>>> settlements = new HashMap<>();
  private final Map<Integer, RecycleReason> reasons = new HashMap<>();
  private final Map<String, LongAdder> recycled = new ConcurrentHashMap<>();

  Turnover(PoolContext context, Crew crew, Checkout checkout) {
    this.context = context;
    this.crew = crew;
    this.checkout = checkout;
  }

  /** Ends a worker after its present call, by the end of its input. */
  void retire(Worker worker, String reason) {
    worker.retire();
    // A degraded worker is in nobody's lease who could bring it here.
    if (checkout.withdraw(worker) || worker.machine().state() == WorkerState.DEGRADED) {
      leave(worker, reason);
    }
  }

  /** A lease has ended on a worker that may not serve on. */
  void leaseEndedBadly(Worker worker) {
    if (worker.exit().isDone()) {
      close(worker);
    } else if (worker.machine().taken() > 0) {
      return; // The last of its calls brings it here again.
    } else if (worker.machine().state() == WorkerState.BUSY
        || (worker.machine().places() > 1 && worker.machine().state() == WorkerState.READY)) {
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
    if (state.mayBecome(WorkerState.TERMINATING)) {
      crew.announcer().move(worker, WorkerState.TERMINATING, reason, Map.of());
    }
    crew.ladder().kill(worker);
  }

  // ---- replacement

  /**
   * Renews a slot's worker. With {@code recycle-overlap} the old one serves on until the new one is
   * ready, else it ends first. False, and nothing happens, when there is none or it is leaving
   * already, or when no worker can be started now.
   */
  boolean recycle(Slot slot, RecycleReason why) {
    if (slot == null
        || slot.incoming() != null
        || slot.current() == null
        || slot.current().retiring()
        || crew.restarts().open()
        || !crew.nursery().ready()) {
      return false;
    }
    if (context.config().life().recycleOverlap()) {
      reasons.put(slot.number(), why);
      crew.spawnInto(slot);
    } else {
      retireFor(slot.current(), why);
    }
    return true;
  }

  /** A slot's replacement has shaken hands: the old worker leaves. */
  void replaced(Slot slot, Worker old) {
    RecycleReason why = reasons.remove(slot.number());
    if (old.retiring()) {
      return; // It is leaving, its reason told.
    }
    retireFor(old, why == null ? RecycleReason.demanded("replaced") : why);
  }

  /** Has a worker leave after its present call, and tells why. */
  void retireFor(Worker worker, RecycleReason why) {
    recycled.computeIfAbsent(why.limit(), limit -> new LongAdder()).increment();
    WorkerRef ref = crew.announcer().ref(worker);
    // First, so that whoever hears of it finds that the worker gets no new calls.
    retire(worker, "recycled: " + why);
    crew.announcer().tell(l -> l.onRecycled(ref, why));
    crew.announcer().inform("%s is recycled; %s".formatted(ref, why));
  }

  /** How many workers have been recycled, by the limit that they reached. Any thread may ask. */
  Map<String, Long> counts() {
    Map<String, Long> counts = new TreeMap<>();
    recycled.forEach((limit, count) -> counts.put(limit, count.sum()));
    return counts;
  }

  /**
   * Runs a task once, when the replacement of a slot's worker has arrived, with true, or failed,
   * with false.
   */
  void whenSettled(int slot, Consumer<Boolean> task) {
    settlements.computeIfAbsent(slot, number -> new ArrayList<>()).add(task);
  }

  /** The replacement of a slot's worker has arrived or failed, or is not wanted any more. */
  void settled(int slot, boolean arrived) {
    if (!arrived) {
      reasons.remove(slot);
    }
    List<Consumer<Boolean>> tasks = settlements.remove(slot);
    if (tasks != null) {
      tasks.forEach(task -> task.accept(arrived));
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
