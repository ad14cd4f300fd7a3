// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.pool.PoolSnapshot.SlotView;
import org.serpentry.spi.ErrorAlert;
import org.serpentry.spi.HealthEvent;
import org.serpentry.spi.PoolHealth;
import org.serpentry.spi.PoolListener;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.spi.ReloadEvent;
import org.serpentry.spi.ServiceEvent;
import org.serpentry.spi.SessionEvent;

/**
 * Makes events and notifications of what a pool tells. Hears it on the pool's control thread, and
 * never blocks that.
 */
final class PoolNews implements PoolListener {

  private final Announcer announcer;
  private final Hearer hearer;
  private final Map<Integer, Long> serving = new HashMap<>(); // the pool's control thread only
  private final Map<Integer, String> verdicts = new HashMap<>(); // the same

  /** Who keeps the beans. Called on the pool's control thread; must not block. */
  interface Hearer {
    /** A worker of a slot has moved. */
    void moved(int slot, Transition transition);

    /** There may be other slots than before. */
    void slotsMayDiffer();
  }

  PoolNews(Announcer announcer, Hearer hearer) {
    this.announcer = announcer;
    this.hearer = hearer;
  }

  /** A slot has had a worker before anything was told. Called before it is attached. */
  void servedBy(SlotView view) {
    serving.put(view.slot(), view.worker());
  }

  private void tell(String kind, WorkerRef worker, String text, String... details) {
    Map<String, String> data = details(details);
    data.put("pid", Integer.toString(worker.pid()));
    announcer.tellOfWorker(kind, worker.slot(), worker.worker(), text, data);
  }

  private static Map<String, String> details(String... pairs) {
    Map<String, String> data = new TreeMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      data.put(pairs[i], String.valueOf(pairs[i + 1]));
    }
    return data;
  }

  // ---- workers

  @Override
  public void onTransition(WorkerRef worker, Transition transition) {
    hearer.moved(worker.slot(), transition);
    tell(
        Announcer.WORKER_STATE,
        worker,
        "%s: %s -> %s (%s)"
            .formatted(worker, transition.from(), transition.to(), transition.reason()),
        "from",
        transition.from().name(),
        "to",
        transition.to().name(),
        "reason",
        transition.reason());
    if (transition.from() == WorkerState.INITIALIZING && transition.to() == WorkerState.READY) {
      Long before = serving.put(worker.slot(), worker.worker());
      if (before != null) {
        tell(
            Announcer.WORKER_REPLACED,
            worker,
            "%s replaces worker %d".formatted(worker, before),
            "replaced",
            Long.toString(before));
      }
    }
    hearer.slotsMayDiffer();
  }

  @Override
  public void onWorkerExit(WorkerRef worker, String how, boolean expected) {
    if (!expected) {
      tell(
          Announcer.WORKER_EXIT,
          worker,
          "%s ended unexpectedly: %s".formatted(worker, how),
          "how",
          how);
    }
    hearer.slotsMayDiffer();
  }

  @Override
  public void onHealth(HealthEvent event) {
    String verdict = event.health() + ", " + event.activity();
    // A probe that succeeds again and again is no news.
    if (!verdict.equals(verdicts.put(event.worker().slot(), verdict))) {
      tell(
          Announcer.WORKER_HEALTH,
          event.worker(),
          "%s: %s (%s)".formatted(event.worker(), verdict, event.reason()),
          "health",
          event.health().name(),
          "activity",
          event.activity().name());
    }
  }

  @Override
  public void onRecovery(RecoveryEvent event) {
    tell(
        Announcer.WORKER_RECOVERY,
        event.worker(),
        event.toString(),
        "action",
        event.decision().action().name(),
        "failure",
        event.failure().name(),
        "reason",
        event.decision().reason());
  }

  @Override
  public void onRecycled(WorkerRef worker, RecycleReason reason) {
    tell(Announcer.WORKER_RECYCLED, worker, worker + ": " + reason, "reason", reason.toString());
  }

  // ---- calls and sessions

  @Override
  public void onLadder(WorkerRef worker, String rung, long requestId) {
    tell(
        Announcer.CALL_LADDER,
        worker,
        "%s: %s, request %d".formatted(worker, rung, requestId),
        "rung",
        rung,
        "request",
        Long.toString(requestId));
  }

  @Override
  public void onSlowCall(SlowCall call) {
    boolean running = call.evidence().running();
    long queued = call.evidence().queuedMillis();
    StringBuilder text = new StringBuilder();
    text.append(
        "%s: request %d to %s has %s %d ms"
            .formatted(
                call.worker(),
                call.requestId(),
                call.target(),
                running ? "run for" : "ended after",
                call.runningMillis()));
    if (queued >= 0) {
      text.append(", after ").append(queued).append(" ms in the queue");
    }
    if (!call.caller().isEmpty()) {
      text.append(", called by ").append(call.caller());
    }
    tell(
        Announcer.CALL_SLOW,
        call.worker(),
        text.toString(),
        "function",
        call.target(),
        "request",
        Long.toString(call.requestId()),
        "runningMillis",
        Long.toString(call.runningMillis()),
        "queuedMillis",
        queued < 0 ? "" : Long.toString(queued),
        "running",
        Boolean.toString(running),
        "caller",
        call.caller(),
        "session",
        Objects.requireNonNullElse(call.session(), ""),
        "traceparent",
        Objects.requireNonNullElse(call.traceparent(), ""));
  }

  @Override
  public void onSession(SessionEvent event) {
    if (event.kind() == SessionEvent.Kind.LOST) {
      announcer.tellOfPool(
          Announcer.SESSION_LOST,
          "session %s has lost what it kept in slot %d".formatted(event.session(), event.slot()),
          details("session", event.session(), "onSlot", Integer.toString(event.slot())));
    }
  }

  // ---- the pool

  @Override
  public void onBreaker(BreakerChange change) {
    announcer.tellOfPool(
        Announcer.POOL_BREAKER,
        "%s -> %s: %s".formatted(change.from(), change.to(), change.cause()),
        details("from", change.from().name(), "to", change.to().name(), "cause", change.cause()));
  }

  @Override
  public void onCircuit(CircuitChange change) {
    announcer.tellOfPool(
        Announcer.POOL_CIRCUIT,
        "%s: %s -> %s: %s".formatted(change.circuit(), change.from(), change.to(), change.cause()),
        details(
            "circuit",
            change.circuit(),
            "from",
            change.from().name(),
            "to",
            change.to().name(),
            "cause",
            change.cause()));
  }

  @Override
  public void onPoolHealth(PoolHealth report) {
    announcer.tellOfPool(
        Announcer.POOL_HEALTH, report.toString(), details("health", report.status().name()));
  }

  @Override
  public void onService(ServiceEvent event) {
    String reason = event.reason().isEmpty() ? "" : " (" + event.reason() + ")";
    announcer.tellOfPool(
        Announcer.POOL_SERVICE,
        "%s -> %s%s".formatted(event.from(), event.to(), reason),
        details("from", event.from().name(), "to", event.to().name(), "reason", event.reason()));
  }

  @Override
  public void onErrorAlert(ErrorAlert alert) {
    announcer.tellOfPool(
        Announcer.POOL_ALERT,
        alert.text(),
        details(
            "alert",
            alert.kind().name(),
            "calls",
            Long.toString(alert.calls()),
            "failures",
            Long.toString(alert.failures()),
            "openCircuits",
            Integer.toString(alert.openCircuits())));
  }

  @Override
  public void onReload(ReloadEvent event) {
    announcer.tellOfPool(
        Announcer.POOL_RELOAD,
        event.step() + ": " + event.text(),
        details("step", event.step().name(), "codeHash", event.codeHash()));
  }

  @Override
  public void onPoolEvent(PoolEvent event) {
    announcer.tellOfPool(
        Announcer.POOL_EVENT, event.text(), details("warning", Boolean.toString(event.warning())));
  }
}
