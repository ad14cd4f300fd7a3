// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.serpentry.api.BreakerState;
import org.serpentry.management.PoolStatus;
import org.serpentry.management.PythonPoolMXBean;

/**
 * One number of a pool's bean as a meter.
 *
 * @param name in Micrometer's spelling, with dots
 * @param description one sentence, the same for all meters of a name
 * @param unit {@code seconds}, {@code bytes} or null
 * @param counter whether it only grows
 * @param tags what tells it from others of its name
 * @param value reads it
 */
record PoolMeter(
    String name,
    String description,
    String unit,
    boolean counter,
    Tags tags,
    ToDoubleFunction<PythonPoolMXBean> value) {

  private static final String SECONDS = "seconds";
  private static final String BYTES = "bytes";

  /** All there are. */
  static final List<PoolMeter> ALL = all();

  private static List<PoolMeter> all() {
    List<PoolMeter> all = new ArrayList<>();
    addStates(all);
    addWorkers(all);
    addCalls(all);
    addLatencies(all);
    addLadder(all);
    addSessions(all);
    addOutput(all);
    return List.copyOf(all);
  }

  private static void addStates(List<PoolMeter> all) {
    for (PoolStatus status : PoolStatus.values()) {
      all.add(
          gauge("serpentry.pool.status", "1 for what the pool is, 0 for what it is not.")
              .when("status", lower(status))
              .reads(bean -> bean.getStatus() == status ? 1 : 0));
    }
    for (BreakerState state : BreakerState.values()) {
      all.add(
          gauge("serpentry.crash.breaker", "1 for the crash breaker's state, 0 for the others.")
              .when("state", lower(state))
              .reads(bean -> bean.getCrashBreakerState().equals(state.name()) ? 1 : 0));
    }
    all.add(
        gauge("serpentry.pool.suspended", "1 while an operator lets no calls in.")
            .reads(bean -> bean.getSuspendedSince().isEmpty() ? 0 : 1));
    all.add(
        gauge("serpentry.launcher.up", "1 while the pool's launcher process runs.")
            .reads(bean -> bean.getLauncherPid() == 0 ? 0 : 1));
    all.add(
        gauge("serpentry.last.error.time", "When a call last failed, since 1970; 0: none has.")
            .in(SECONDS)
            .reads(bean -> epochSeconds(bean.getLastErrorAt())));
    all.add(
        gauge("serpentry.pool.uptime", "For how long the pool has been running.")
            .in(SECONDS)
            .reads(PythonPoolMXBean::getUptimeSeconds));
    all.add(
        counter("serpentry.notifications.suppressed", "Notifications not sent, being too many.")
            .reads(PythonPoolMXBean::getNotificationsSuppressed));
  }

  private static void addWorkers(List<PoolMeter> all) {
    all.add(
        gauge("serpentry.pool.size", "How many workers the pool keeps.")
            .reads(PythonPoolMXBean::getSize));
    all.add(
        gauge("serpentry.pool.max.size", "How many workers it may have while calls wait.")
            .reads(PythonPoolMXBean::getMaxSize));
    all.add(
        gauge("serpentry.pool.workers", "Workers in any state, those being started included.")
            .reads(PythonPoolMXBean::getWorkersTotal));
    Draft workers = gauge("serpentry.workers", "Workers by their state.");
    String state = "state";
    all.add(workers.when(state, "initializing").reads(PythonPoolMXBean::getWorkersInitializing));
    all.add(workers.when(state, "ready").reads(PythonPoolMXBean::getWorkersReady));
    all.add(workers.when(state, "busy").reads(PythonPoolMXBean::getWorkersBusy));
    all.add(workers.when(state, "degraded").reads(PythonPoolMXBean::getWorkersDegraded));
    all.add(workers.when(state, "terminating").reads(PythonPoolMXBean::getWorkersTerminating));
    all.add(
        gauge("serpentry.worker.restarts", "How often workers of the present slots were replaced.")
            .reads(PythonPoolMXBean::getWorkerRestarts));
    Draft memory =
        gauge("serpentry.workers.memory", "Memory of all workers; pss counts what they share once.")
            .in(BYTES);
    all.add(memory.when("kind", "rss").reads(PythonPoolMXBean::getWorkersRssBytes));
    all.add(memory.when("kind", "pss").reads(PythonPoolMXBean::getWorkersPssBytes));
  }

  private static void addCalls(List<PoolMeter> all) {
    all.add(
        gauge("serpentry.calls.running", "Calls that run now.")
            .reads(PythonPoolMXBean::getCallsRunning));
    all.add(
        gauge("serpentry.calls.waiting", "Calls that wait for a worker.")
            .reads(PythonPoolMXBean::getCallsWaiting));
    all.add(
        gauge("serpentry.calls.waiting.limit", "How many calls may wait.")
            .reads(PythonPoolMXBean::getCallsWaitingLimit));
    all.add(
        gauge("serpentry.calls.first.wait", "How long the first call in the queue has waited.")
            .in(SECONDS)
            .reads(millis(PythonPoolMXBean::getFirstWaitMillis)));
    all.add(
        gauge("serpentry.calls.longest.wait", "The longest wait since the start or the reset.")
            .in(SECONDS)
            .reads(millis(PythonPoolMXBean::getLongestWaitMillis)));
    Draft ended = counter("serpentry.calls", "Calls that got a worker, by how they ended.");
    String outcome = "outcome";
    all.add(ended.when(outcome, "success").reads(PythonPoolMXBean::getCallsSucceeded));
    all.add(ended.when(outcome, "python_error").reads(PythonPoolMXBean::getCallsFailedInPython));
    all.add(ended.when(outcome, "worker_failure").reads(PythonPoolMXBean::getCallsLostToWorkers));
    all.add(ended.when(outcome, "timed_out").reads(PythonPoolMXBean::getCallsTimedOut));
    all.add(ended.when(outcome, "cancelled").reads(PythonPoolMXBean::getCallsCancelled));
    Draft refused = counter("serpentry.calls.refused", "Calls that got no worker, by the reason.");
    String reason = "reason";
    all.add(refused.when(reason, "checkout_timeout").reads(PythonPoolMXBean::getCheckoutsTimedOut));
    all.add(refused.when(reason, "queue_full").reads(PythonPoolMXBean::getCallsRejected));
    all.add(
        refused.when(reason, "circuit_open").reads(PythonPoolMXBean::getCallsRefusedByCircuits));
    all.add(
        counter("serpentry.call.retries", "How often a call was tried again.")
            .reads(PythonPoolMXBean::getCallRetries));
    Draft fallback = counter("serpentry.fallback", "How often a fallback took over, and ended.");
    String change = "change";
    all.add(fallback.when(change, "fell").reads(PythonPoolMXBean::getFallbackFalls));
    all.add(fallback.when(change, "returned").reads(PythonPoolMXBean::getFallbackReturns));
  }

  private static void addLatencies(List<PoolMeter> all) {
    all.add(
        gauge("serpentry.calls.last.minute", "Calls that ended within the last minute.")
            .reads(PythonPoolMXBean::getCallsLastMinute));
    Draft minute =
        gauge("serpentry.call.latency", "Of the last minute's calls, from lease to end.")
            .in(SECONDS);
    String level = "level";
    all.add(minute.when(level, "p50").reads(micros(PythonPoolMXBean::getCallLatencyP50Micros)));
    all.add(minute.when(level, "p95").reads(micros(PythonPoolMXBean::getCallLatencyP95Micros)));
    all.add(minute.when(level, "p99").reads(micros(PythonPoolMXBean::getCallLatencyP99Micros)));
    all.add(minute.when(level, "max").reads(micros(PythonPoolMXBean::getCallLatencyMaxMicros)));
    Draft start =
        gauge("serpentry.call.latency.overall", "Of all calls since the start or the reset.")
            .in(SECONDS);
    all.add(start.when(level, "p50").reads(micros(PythonPoolMXBean::getCallLatencyTotalP50Micros)));
    all.add(start.when(level, "p95").reads(micros(PythonPoolMXBean::getCallLatencyTotalP95Micros)));
    all.add(start.when(level, "p99").reads(micros(PythonPoolMXBean::getCallLatencyTotalP99Micros)));
    all.add(start.when(level, "max").reads(micros(PythonPoolMXBean::getCallLatencyTotalMaxMicros)));
  }

  private static void addLadder(List<PoolMeter> all) {
    Draft ladder = counter("serpentry.ladder", "What was done against calls that would not end.");
    String rung = "rung";
    all.add(ladder.when(rung, "cancel").reads(PythonPoolMXBean::getLadderCancels));
    all.add(ladder.when(rung, "dump").reads(PythonPoolMXBean::getLadderStackDumps));
    all.add(ladder.when(rung, "abandon").reads(PythonPoolMXBean::getLadderAbandonments));
    all.add(ladder.when(rung, "term").reads(PythonPoolMXBean::getLadderTerminations));
    all.add(ladder.when(rung, "kill").reads(PythonPoolMXBean::getLadderKills));
  }

  private static void addSessions(List<PoolMeter> all) {
    all.add(
        gauge("serpentry.sessions.open", "Sessions that there are.")
            .reads(PythonPoolMXBean::getSessionsOpen));
    all.add(
        gauge("serpentry.sessions.bound", "Sessions that have a worker.")
            .reads(PythonPoolMXBean::getSessionsBound));
    all.add(
        counter("serpentry.sessions.started", "Sessions begun.")
            .reads(PythonPoolMXBean::getSessionsStarted));
    all.add(
        counter("serpentry.sessions.lost", "Sessions that lost what they kept on a worker.")
            .reads(PythonPoolMXBean::getSessionsLost));
    all.add(
        counter("serpentry.sessions.expired", "Sessions that ended since nobody used them.")
            .reads(PythonPoolMXBean::getSessionsExpired));
    Draft worker = counter("serpentry.session.calls", "Calls of sessions, by whose worker it was.");
    String on = "worker";
    all.add(worker.when(on, "own").reads(PythonPoolMXBean::getSessionHits));
    all.add(worker.when(on, "other").reads(PythonPoolMXBean::getSessionMisses));
  }

  private static void addOutput(List<PoolMeter> all) {
    Draft output =
        counter("serpentry.output", "Lines printed, lines that came too fast, records logged.");
    String kind = "kind";
    all.add(output.when(kind, "printed").reads(PythonPoolMXBean::getLinesPrinted));
    all.add(output.when(kind, "dropped").reads(PythonPoolMXBean::getLinesDropped));
    all.add(output.when(kind, "logged").reads(PythonPoolMXBean::getRecordsLogged));
    all.add(
        gauge("serpentry.shared.memory", "Memory in use for large arguments and results.")
            .in(BYTES)
            .reads(PythonPoolMXBean::getSharedMemoryBytes));
    all.add(
        gauge("serpentry.shared.memory.limit", "How much of it there may be.")
            .in(BYTES)
            .reads(PythonPoolMXBean::getSharedMemoryLimitBytes));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static double epochSeconds(String iso) {
    return iso.isEmpty() ? 0 : Instant.parse(iso).getEpochSecond();
  }

  private static ToDoubleFunction<PythonPoolMXBean> millis(ToLongFunction<PythonPoolMXBean> get) {
    return bean -> get.applyAsLong(bean) / 1e3;
  }

  private static ToDoubleFunction<PythonPoolMXBean> micros(ToLongFunction<PythonPoolMXBean> get) {
    return bean -> get.applyAsLong(bean) / 1e6;
  }

  private static Draft gauge(String name, String description) {
    return new Draft(name, description, null, false, Tags.empty());
  }

  private static Draft counter(String name, String description) {
    return new Draft(name, description, null, true, Tags.empty());
  }

  /** A meter without what reads it. */
  private record Draft(String name, String description, String unit, boolean counter, Tags tags) {
    Draft in(String base) {
      return new Draft(name, description, base, counter, tags);
    }

    Draft when(String key, String text) {
      return new Draft(name, description, unit, counter, Tags.of(key, text));
    }

    PoolMeter reads(ToDoubleFunction<PythonPoolMXBean> value) {
      return new PoolMeter(name, description, unit, counter, tags, value);
    }
  }
}
