// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static java.util.stream.Collectors.joining;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.serpentry.api.Health;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerActivity;
import org.serpentry.pool.PoolSnapshot.SlotView;
import org.serpentry.worker.RunningCall;

/** The bean of one slot, whichever worker serves it. */
final class WorkerBean implements PythonWorkerMXBean {

  private static final int HISTORY = 50;

  private final int slot;
  private final SnapshotCache cache;
  private final MemorySampler memory;
  private final Clock clock;
  private final BoundedLog<Transition> history = new BoundedLog<>(HISTORY);

  /**
   * A bean.
   *
   * @param known what is known of the slot's present worker, newest first
   */
  WorkerBean(
      int slot, SnapshotCache cache, MemorySampler memory, Clock clock, List<Transition> known) {
    this.slot = slot;
    this.cache = cache;
    this.memory = memory;
    this.clock = clock;
    for (int i = known.size() - 1; i >= 0; i--) {
      history.add(known.get(i));
    }
  }

  /** Notes a move of the slot's worker. */
  void moved(Transition transition) {
    history.add(transition);
  }

  private int number(ToIntFunction<SlotView> value) {
    SlotView view = cache.slot(slot);
    return view == null ? 0 : value.applyAsInt(view);
  }

  private long count(ToLongFunction<SlotView> value) {
    SlotView view = cache.slot(slot);
    return view == null ? 0 : value.applyAsLong(view);
  }

  private <T> T value(Function<SlotView, T> value, T absent) {
    SlotView view = cache.slot(slot);
    return view == null ? absent : value.apply(view);
  }

  @Override
  public int getSlot() {
    return slot;
  }

  @Override
  public long getWorker() {
    return count(SlotView::worker);
  }

  @Override
  public int getPid() {
    return number(SlotView::pid);
  }

  @Override
  public String getState() {
    String empty = cache.figures().drained().contains(slot) ? "DRAINED" : "EMPTY";
    return value(view -> view.worker() == 0 ? empty : view.state().name(), empty);
  }

  @Override
  public Health getHealth() {
    return value(SlotView::health, Health.UNKNOWN);
  }

  @Override
  public int getProbesFailed() {
    return number(SlotView::failedProbes);
  }

  @Override
  public WorkerActivity getActivity() {
    return value(SlotView::activity, WorkerActivity.UNWATCHED);
  }

  @Override
  public long getRssBytes() {
    return count(SlotView::rss);
  }

  @Override
  public long getAgeSeconds() {
    return count(
        view ->
            view.started() == null
                ? 0
                : Duration.between(view.started(), clock.instant()).toSeconds());
  }

  @Override
  public long getRequestsServed() {
    return count(SlotView::served);
  }

  @Override
  public long getCallsFailed() {
    return count(SlotView::failedCalls);
  }

  @Override
  public String getCollections() {
    return value(
        view -> view.collections().stream().map(String::valueOf).collect(joining(", ")), "");
  }

  @Override
  public long getRestarts() {
    return count(SlotView::restarts);
  }

  @Override
  public String getCurrentFunction() {
    return value(SlotView::function, "");
  }

  @Override
  public long getCurrentCallMillis() {
    return count(SlotView::runningMillis);
  }

  @Override
  public long getCurrentRequestId() {
    return count(SlotView::requestId);
  }

  private String ofCall(Function<RunningCall, String> value) {
    return cache.running().stream()
        .filter(running -> running.slot() == slot)
        .findFirst()
        .map(running -> value.apply(running.call()))
        .orElse("");
  }

  @Override
  public String getCurrentCaller() {
    return ofCall(RunningCall::caller);
  }

  @Override
  public String getCurrentSession() {
    return ofCall(call -> PoolGauges.text(call.session()));
  }

  @Override
  public String getCurrentTraceparent() {
    return ofCall(call -> PoolGauges.text(call.traceparent()));
  }

  @Override
  public int getCallsRunning() {
    return (int) cache.running().stream().filter(running -> running.slot() == slot).count();
  }

  @Override
  public int getSessions() {
    return cache.get().sessions().bySlot().getOrDefault(slot, 0);
  }

  @Override
  public long getPssBytes() {
    return memory.of(getPid());
  }

  @Override
  public String getRequirementsHash() {
    return value(SlotView::requirementsHash, "");
  }

  @Override
  public String getLastExit() {
    return value(SlotView::lastExit, "");
  }

  @Override
  public String getCodeHash() {
    return value(SlotView::codeHash, "");
  }

  @Override
  public String getPythonVersion() {
    return value(SlotView::python, "");
  }

  @Override
  public List<StateChange> getHistory() {
    List<Transition> moves =
        history.items().stream().sorted(Comparator.comparing(Transition::at).reversed()).toList();
    List<StateChange> changes = new ArrayList<>();
    for (Transition move : moves) {
      changes.add(
          new StateChange(
              move.at().toString(),
              move.from().name(),
              changes.size() + 1,
              move.reason(),
              move.stay().toMillis(),
              move.to().name()));
    }
    return changes;
  }
}
