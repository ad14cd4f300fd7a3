// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonBuilderFactory;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.spi.JsonProvider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.serpentry.ee.WatchedPools;
import org.serpentry.management.PoolBeans;
import org.serpentry.management.PythonPoolMXBean;
import org.serpentry.management.PythonWorkerMXBean;
import org.serpentry.telemetry.SafeText;

/**
 * What the status page shows, as one line of JSON. Texts of users' code are cut, and their control
 * characters escaped; the page shows all of them as text.
 */
final class StatusJson {
  private static final JsonBuilderFactory JSON =
      JsonProvider.provider().createBuilderFactory(Map.of());
  private static final int LONGEST_TEXT = 400;
  private static final int MOST_WORKERS = 500;
  private static final int MOST_CALLS = 30;
  private static final int MOST_EVENTS = 30;

  private StatusJson() {}

  /** The application's status, or that it does not run. */
  static String of(Optional<WatchedPools.Application> running) {
    JsonObjectBuilder all = JSON.createObjectBuilder();
    all.add("running", running.isPresent());
    all.add("application", running.map(WatchedPools.Application::name).orElse(""));
    JsonArrayBuilder pools = JSON.createArrayBuilder();
    JsonArrayBuilder mocks = JSON.createArrayBuilder();
    running.ifPresent(
        application -> {
          application.pools().forEach(pool -> pools.add(pool(pool)));
          application.withoutWorkers().forEach(mocks::add);
        });
    return all.add("pools", pools).add("withoutWorkers", mocks).build().toString();
  }

  static JsonObjectBuilder pool(PoolBeans pool) {
    return pool(pool.name(), pool.bean(), pool.workers().get());
  }

  static JsonObjectBuilder pool(
      String name, PythonPoolMXBean bean, List<PythonWorkerMXBean> workers) {
    return JSON.createObjectBuilder()
        .add("name", name)
        .add("status", bean.getStatus().name())
        .add("reason", text(bean.getStatusReason()))
        .add("action", text(bean.getSuggestedAction()))
        .add("size", bean.getSize())
        .add("maxSize", bean.getMaxSize())
        .add("workersReady", bean.getWorkersReady())
        .add("workersBusy", bean.getWorkersBusy())
        .add("waiting", bean.getCallsWaiting())
        .add("waitingLimit", bean.getCallsWaitingLimit())
        .add("running", bean.getCallsRunning())
        .add("ended", ended(bean))
        .add("failed", ended(bean) - bean.getCallsSucceeded())
        .add("refused", refused(bean))
        .add("callsLastMinute", bean.getCallsLastMinute())
        .add("p50Micros", bean.getCallLatencyP50Micros())
        .add("p99Micros", bean.getCallLatencyP99Micros())
        .add("maxMicros", bean.getCallLatencyMaxMicros())
        .add("restarts", bean.getWorkerRestarts())
        .add("rssBytes", bean.getWorkersRssBytes())
        .add("uptimeSeconds", bean.getUptimeSeconds())
        .add("crashBreaker", text(bean.getCrashBreakerState()))
        .add("sessions", bean.getSessionsOpen())
        .add("lastError", text(bean.getLastError()))
        .add("lastErrorAt", text(bean.getLastErrorAt()))
        .add("workers", workers(workers))
        .add("calls", calls(bean))
        .add("events", events(bean));
  }

  private static long ended(PythonPoolMXBean bean) {
    return bean.getCallsSucceeded()
        + bean.getCallsFailedInPython()
        + bean.getCallsLostToWorkers()
        + bean.getCallsTimedOut()
        + bean.getCallsCancelled();
  }

  private static long refused(PythonPoolMXBean bean) {
    return bean.getCheckoutsTimedOut() + bean.getCallsRejected() + bean.getCallsRefusedByCircuits();
  }

  private static JsonArrayBuilder workers(List<PythonWorkerMXBean> workers) {
    JsonArrayBuilder all = JSON.createArrayBuilder();
    workers.stream()
        .limit(MOST_WORKERS)
        .forEach(
            worker ->
                all.add(
                    JSON.createObjectBuilder()
                        .add("slot", worker.getSlot())
                        .add("state", text(worker.getState()))
                        .add("health", worker.getHealth().name())
                        .add("pid", worker.getPid())
                        .add("ageSeconds", worker.getAgeSeconds())
                        .add("served", worker.getRequestsServed())
                        .add("restarts", worker.getRestarts())
                        .add("rssBytes", worker.getRssBytes())
                        .add("calls", worker.getCallsRunning())
                        .add("sessions", worker.getSessions())
                        .add("function", text(worker.getCurrentFunction()))
                        .add("callMillis", worker.getCurrentCallMillis())
                        .add("python", text(worker.getPythonVersion()))
                        .add("lastExit", text(worker.getLastExit()))));
    return all;
  }

  private static JsonArrayBuilder calls(PythonPoolMXBean bean) {
    JsonArrayBuilder all = JSON.createArrayBuilder();
    bean.getRunningCalls().stream()
        .limit(MOST_CALLS)
        .forEach(
            call ->
                all.add(
                    JSON.createObjectBuilder()
                        .add("function", text(call.function()))
                        .add("millis", call.runningMillis())
                        .add("slot", call.slot())
                        .add("request", call.request())
                        .add("caller", text(call.caller()))));
    return all;
  }

  private static JsonArrayBuilder events(PythonPoolMXBean bean) {
    JsonArrayBuilder all = JSON.createArrayBuilder();
    bean.getRecentEvents().stream()
        .limit(MOST_EVENTS)
        .forEach(
            event ->
                all.add(
                    JSON.createObjectBuilder()
                        .add("number", event.number())
                        .add("at", text(event.at()))
                        .add("kind", text(event.kind()))
                        .add("slot", event.slot())
                        .add("text", text(event.text()))));
    return all;
  }

  private static String text(String text) {
    return SafeText.line(text.length() <= LONGEST_TEXT ? text : cut(text) + "…");
  }

  private static String cut(String text) {
    boolean within = Character.isHighSurrogate(text.charAt(LONGEST_TEXT - 1));
    return text.substring(0, within ? LONGEST_TEXT - 1 : LONGEST_TEXT);
  }
}
