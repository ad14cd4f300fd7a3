// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.serpentry.api.SessionInfo;
import org.serpentry.api.WorkerState;
import org.serpentry.config.StartMode;
import org.serpentry.pool.PoolControl;
import org.serpentry.pool.PoolFigures;
import org.serpentry.pool.PoolOperator;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.ServiceView;
import org.serpentry.pool.WorkerPool;
import org.serpentry.session.SessionStatistics;
import org.serpentry.spi.RecoveryEvent;

/** The pool bean's attributes, read from the cached moment. Any thread may call. */
abstract class PoolGauges extends CallGauges {

  private static final int SESSIONS = 200;

  private final WorkerPool pool;
  private final PoolControl control;
  private final SnapshotCache cache;
  private final Announcer announcer;
  private final OperationLog operations;
  private final MemorySampler memory;

  PoolGauges(
      WorkerPool pool,
      SnapshotCache cache,
      Announcer announcer,
      OperationLog operations,
      MemorySampler memory,
      Chatter chatter) {
    super(pool, cache, chatter);
    this.pool = pool;
    this.control = pool.control();
    this.cache = cache;
    this.announcer = announcer;
    this.operations = operations;
    this.memory = memory;
  }

  private SessionStatistics sessions() {
    return now().sessions();
  }

  private int workers(WorkerState state) {
    return now().states().get(state);
  }

  /** What its present state means. */
  Verdict verdict() {
    boolean lazy = pool.config().start() == StartMode.LAZY;
    return control.closed()
        ? Verdict.closed()
        : Verdict.of(now(), lazy, figures().drained().size());
  }

  @Override
  public PoolStatus getStatus() {
    return verdict().status();
  }

  @Override
  public String getStatusReason() {
    return verdict().reason();
  }

  @Override
  public String getSuggestedAction() {
    return verdict().action();
  }

  private ServiceView services() {
    return now().services();
  }

  @Override
  public String getServedBy() {
    return services().service().name();
  }

  @Override
  public String getServedByReason() {
    return services().reason();
  }

  @Override
  public String getServedBySince() {
    return text(services().since());
  }

  @Override
  public long getFallbackFalls() {
    return services().falls();
  }

  @Override
  public long getFallbackReturns() {
    return services().returns();
  }

  @Override
  public SortedMap<String, Long> getCallsAnsweredBy() {
    SortedMap<String, Long> counts = new TreeMap<>();
    services().answered().forEach((service, count) -> counts.put(service.name(), count));
    return counts;
  }

  @Override
  public int getSize() {
    return now().size();
  }

  @Override
  public int getMaxSize() {
    return now().maxSize();
  }

  @Override
  public int getWorkersInitializing() {
    return workers(WorkerState.INITIALIZING);
  }

  @Override
  public int getWorkersReady() {
    return workers(WorkerState.READY);
  }

  @Override
  public int getWorkersBusy() {
    return workers(WorkerState.BUSY);
  }

  @Override
  public int getWorkersDegraded() {
    return workers(WorkerState.DEGRADED);
  }

  @Override
  public int getWorkersTerminating() {
    return workers(WorkerState.TERMINATING);
  }

  @Override
  public int getWorkersTotal() {
    return (int) now().workers().stream().filter(view -> view.worker() != 0).count();
  }

  @Override
  public long getWorkerRestarts() {
    return now().workers().stream().mapToLong(PoolSnapshot.SlotView::restarts).sum();
  }

  @Override
  public SortedMap<String, Long> getWorkersRecycled() {
    return new TreeMap<>(now().upkeep().recycled());
  }

  @Override
  public String getCrashBreakerState() {
    return now().upkeep().breaker().state().name();
  }

  @Override
  public String getCrashBreakerCause() {
    return now().upkeep().breaker().cause();
  }

  @Override
  public long getLauncherPid() {
    return now().launcherPid();
  }

  @Override
  public List<RunningCall> getRunningCalls() {
    return cache.running().stream().map(PoolGauges::runningCall).toList();
  }

  private static RunningCall runningCall(PoolOperator.Running running) {
    return new RunningCall(
        running.call().caller(),
        running.call().target(),
        running.pid(),
        running.call().id(),
        TimeUnit.NANOSECONDS.toMillis(running.nanos()),
        text(running.call().session()),
        running.slot(),
        text(running.call().traceparent()));
  }

  static String text(String value) {
    return value == null ? "" : value;
  }

  private static String text(Instant at) {
    return at == null ? "" : at.toString();
  }

  @Override
  public List<Event> getRecentEvents() {
    return announcer.events().items();
  }

  @Override
  public List<Decision> getRecoveryDecisions() {
    List<Decision> decisions = new ArrayList<>();
    for (RecoveryEvent event : control.decisions()) {
      decisions.add(decision(event, decisions.size() + 1));
    }
    return decisions;
  }

  private static Decision decision(RecoveryEvent event, int number) {
    return new Decision(
        event.decision().action().name(),
        event.at().toString(),
        event.decision().delay().toMillis(),
        event.detail(),
        event.failure().name(),
        number,
        event.decision().reason(),
        event.worker().slot(),
        event.worker().worker());
  }

  @Override
  public List<Operation> getOperations() {
    return operations.operations();
  }

  @Override
  public long getNotificationsSuppressed() {
    return announcer.suppressed();
  }

  @Override
  public long getWorkersRssBytes() {
    return now().workers().stream().mapToLong(PoolSnapshot.SlotView::rss).sum();
  }

  @Override
  public long getWorkersPssBytes() {
    return memory.total();
  }

  @Override
  public String getCodeVersion() {
    Map<String, Long> counts =
        now().workers().stream()
            .map(PoolSnapshot.SlotView::codeHash)
            .filter(hash -> !hash.isEmpty())
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    return counts.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse("");
  }

  @Override
  public String getLastError() {
    PoolFigures.LastError last = figures().lastError();
    return last == null ? "" : "%s: %s: %s".formatted(last.target(), last.type(), last.text());
  }

  @Override
  public String getLastErrorAt() {
    PoolFigures.LastError last = figures().lastError();
    return last == null ? "" : last.at().toString();
  }

  @Override
  public String getSuspendedSince() {
    return text(figures().suspendedSince());
  }

  @Override
  public long getUptimeSeconds() {
    return figures().uptime().toSeconds();
  }

  @Override
  public int getSessionsOpen() {
    return sessions().open();
  }

  @Override
  public int getSessionsBound() {
    return sessions().bound();
  }

  @Override
  public long getSessionsStarted() {
    return sessions().started();
  }

  @Override
  public long getSessionsExpired() {
    return sessions().expired();
  }

  @Override
  public long getSessionHits() {
    return sessions().hits();
  }

  @Override
  public long getSessionMisses() {
    return sessions().misses();
  }

  @Override
  public long getSessionsLost() {
    return sessions().lost();
  }

  @Override
  public List<Session> getSessions() {
    return pool.sessions().list(SESSIONS).stream().map(PoolGauges::session).toList();
  }

  private static Session session(SessionInfo info) {
    return new Session(
        info.id(),
        info.keepsLocal(),
        text(info.lastActivity()),
        info.lost(),
        info.operations(),
        info.slot(),
        text(info.started()),
        info.waiting());
  }
}
