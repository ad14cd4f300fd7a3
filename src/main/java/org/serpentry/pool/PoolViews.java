// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.serpentry.api.PoolCounts;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerActivity;
import org.serpentry.api.WorkerState;
import org.serpentry.pool.Checkout.Barrier;
import org.serpentry.pool.PoolSnapshot.RunningView;
import org.serpentry.pool.PoolSnapshot.SlotView;
import org.serpentry.session.SessionStatistics;
import org.serpentry.worker.ExitReport;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.Worker;

/**
 * Looks at a running pool. Any thread may call; nothing here takes a lock that calls need for
 * longer than a queue operation.
 */
final class PoolViews {

  private final PoolContext context;
  private final Crew crew;
  private final Checkout checkout;
  private final CallCounters counters;
  private final Supplier<SessionStatistics> sessions;
  private final Supplier<ServiceView> services;

  PoolViews(
      PoolContext context,
      Crew crew,
      Checkout checkout,
      CallCounters counters,
      Supplier<SessionStatistics> sessions,
      Supplier<ServiceView> services) {
    this.context = context;
    this.crew = crew;
    this.checkout = checkout;
    this.counters = counters;
    this.sessions = sessions;
    this.services = services;
  }

  PoolSnapshot snapshot() {
    Map<WorkerState, Integer> states = new EnumMap<>(WorkerState.class);
    for (WorkerState state : WorkerState.values()) {
      states.put(state, 0);
    }
    List<SlotView> views = new ArrayList<>();
    for (Slot slot : crew.slots()) {
      SlotView view = view(slot);
      views.add(view);
      if (view.worker() != 0) {
        states.merge(view.state(), 1, Integer::sum);
      }
    }
    Map<String, Long> ladder = new LinkedHashMap<>();
    for (Ladder.Rung rung : Ladder.Rung.values()) {
      ladder.put(rung.name().toLowerCase(Locale.ROOT), crew.ladder().used(rung));
    }
    Map.Entry<Long, Long> waits = checkout.waits();
    return new PoolSnapshot(
        crew.size(),
        crew.maxSize(),
        states,
        checkout.waiters().size(),
        context.config().queueCapacity(),
        TimeUnit.NANOSECONDS.toMillis(waits.getKey()),
        TimeUnit.NANOSECONDS.toMillis(waits.getValue()),
        counters.snapshot(),
        ladder,
        checkout.barred(Barrier.SUSPENDED),
        crew.outage().reason(),
        crew.nursery().launcherPid(),
        views,
        new PoolSnapshot.Upkeep(crew.turnover().counts(), crew.restarts().view()),
        sessions.get(),
        services.get());
  }

  private SlotView view(Slot slot) {
    Worker current = slot.current();
    Worker worker = current != null ? current : slot.incoming();
    ExitReport last = slot.lastExit();
    String lastExit = last == null ? "" : last.describe();
    if (worker == null) {
      return new SlotView(
          slot.number(),
          0,
          0,
          WorkerState.TERMINATED,
          org.serpentry.api.Health.UNKNOWN,
          null,
          0,
          slot.restarts(),
          "",
          0,
          0,
          lastExit,
          "",
          "",
          "",
          0,
          WorkerActivity.UNWATCHED,
          0,
          List.of(),
          0,
          List.of());
    }
    long now = context.nanoTime().getAsLong();
    List<RunningCall> calls = crew.lanes().allRunning(worker);
    RunningCall running = calls.isEmpty() ? null : calls.get(0);
    return new SlotView(
        slot.number(),
        worker.id(),
        worker.pid(),
        worker.machine().state(),
        worker.health(),
        worker.started(),
        worker.served(),
        slot.restarts(),
        running == null ? "" : running.target(),
        running == null ? 0 : running.id(),
        running == null ? 0 : TimeUnit.NANOSECONDS.toMillis(now - running.since()),
        lastExit,
        worker.hello() == null ? "" : worker.hello().codeHash(),
        worker.hello() == null ? "" : worker.hello().requirementsHash(),
        worker.hello() == null ? "" : worker.hello().python(),
        crew.recycling().rss(worker),
        worker.condition().activity(running),
        worker.condition().failedProbes(),
        calls.stream()
            .map(
                call ->
                    new RunningView(
                        call.target(),
                        call.id(),
                        TimeUnit.NANOSECONDS.toMillis(now - call.since())))
            .toList(),
        worker.condition().failedCalls(),
        worker.condition().collections());
  }

  PoolCounts counts() {
    int total = 0;
    int busy = 0;
    int idle = 0;
    for (Slot slot : crew.slots()) {
      Worker worker = slot.current();
      if (worker != null) {
        total++;
        WorkerState state = worker.machine().state();
        busy += state == WorkerState.BUSY ? 1 : 0;
        idle += worker.canAcceptWork() ? 1 : 0;
      }
    }
    return new PoolCounts(total, busy, idle, checkout.waiters().size());
  }

  List<Transition> history(int number) {
    Slot slot = crew.slot(number);
    Worker worker = slot == null ? null : slot.current();
    return worker == null ? List.of() : worker.machine().history();
  }
}
