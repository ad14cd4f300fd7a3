// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.management.Notification;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BreakerState;
import org.serpentry.api.FailureKind;
import org.serpentry.api.Health;
import org.serpentry.api.RecoveryAction;
import org.serpentry.api.RecoveryDecision;
import org.serpentry.api.Service;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerActivity;
import org.serpentry.api.WorkerState;
import org.serpentry.spi.ErrorAlert;
import org.serpentry.spi.HealthEvent;
import org.serpentry.spi.PoolHealth;
import org.serpentry.spi.PoolListener.BreakerChange;
import org.serpentry.spi.PoolListener.CircuitChange;
import org.serpentry.spi.PoolListener.PoolEvent;
import org.serpentry.spi.PoolListener.RecycleReason;
import org.serpentry.spi.PoolListener.SlowCall;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.spi.ReloadEvent;
import org.serpentry.spi.ServiceEvent;
import org.serpentry.spi.SessionEvent;
import org.serpentry.spi.SlowCallEvidence;

/** What a console gets of each event of a pool. */
@Tag("layer-1")
class PoolNewsTest {
  private static final WorkerRef WORKER = new WorkerRef("prices", 3, 17, 4711);
  private static final String NAME = "prices/3 (worker 17, pid 4711)";

  private final List<Notification> sent = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();
  private final Announcer announcer =
      new Announcer(Clock.systemUTC(), () -> new NotificationThrottle(() -> 0), PoolNewsTest::runs);
  private final PoolNews news =
      new PoolNews(
          announcer,
          new PoolNews.Hearer() {
            @Override
            public void moved(int slot, Transition transition) {
              heard.add(slot + " moved to " + transition.to());
            }

            @Override
            public void slotsMayDiffer() {
              heard.add("slots");
            }
          });

  {
    announcer
        .broadcaster()
        .addNotificationListener((notification, handback) -> sent.add(notification), null, null);
  }

  private static Transition transition(WorkerState from, WorkerState to) {
    return new Transition(from, to, "why", Duration.ZERO, Instant.EPOCH, Map.of());
  }

  private static SlowCallEvidence evidence(boolean running, long queuedMillis) {
    return new SlowCallEvidence(running, queuedMillis, 5, List.of(), List.of(), "none");
  }

  /** The next notification has this type, text and data, beside the number of its event. */
  private void told(String type, String text, String slot, String worker, String... pairs) {
    Notification next = sent.remove(0);
    Map<String, String> data = new TreeMap<>(Map.of("slot", slot, "worker", worker));
    data.put("number", Long.toString(announcer.events().items().get(sent.size()).number()));
    for (int i = 0; i < pairs.length; i += 2) {
      data.put(pairs[i], pairs[i + 1]);
    }
    assertThat(next.getType()).isEqualTo("serpentry." + type);
    assertThat(next.getMessage()).isEqualTo(text);
    assertThat(next.getUserData()).isEqualTo(data);
  }

  private void toldOfWorker(String type, String text, String... pairs) {
    List<String> all = new ArrayList<>(List.of(pairs));
    all.addAll(List.of("pid", "4711"));
    told(type, text, "3", "17", all.toArray(String[]::new));
  }

  private void toldOfPool(String type, String text, String... pairs) {
    told(type, text, "-1", "0", pairs);
  }

  @Test
  void aWorkerMovesAndReplacesTheOneBefore() {
    news.onTransition(WORKER, transition(WorkerState.INITIALIZING, WorkerState.READY));
    news.onTransition(
        new WorkerRef("prices", 3, 18, 4712),
        transition(WorkerState.INITIALIZING, WorkerState.READY));

    toldOfWorker(
        "worker.state",
        NAME + ": INITIALIZING -> READY (why)",
        "from",
        "INITIALIZING",
        "to",
        "READY",
        "reason",
        "why");
    assertThat(sent).extracting(Notification::getType).contains("serpentry.worker.replaced");
    sent.remove(0);
    told(
        "worker.replaced",
        "prices/3 (worker 18, pid 4712) replaces worker 17",
        "3",
        "18",
        "pid",
        "4712",
        "replaced",
        "17");
    assertThat(sent).isEmpty();
    assertThat(heard).containsExactly("3 moved to READY", "slots", "3 moved to READY", "slots");
  }

  @Test
  void onlyAnEndThatNobodyAskedForIsNews() {
    news.onWorkerExit(WORKER, "exit code 0", true);
    assertThat(sent).isEmpty();

    news.onWorkerExit(WORKER, "signal SIGKILL", false);

    toldOfWorker(
        "worker.exit", NAME + " ended unexpectedly: signal SIGKILL", "how", "signal SIGKILL");
    assertThat(heard).containsExactly("slots", "slots");
  }

  @Test
  void aVerdictIsToldWhenItChanges() {
    HealthEvent bad =
        new HealthEvent(WORKER, Health.UNHEALTHY, WorkerActivity.UNWATCHED, 2, "no answer");
    news.onHealth(bad);
    news.onHealth(bad);
    toldOfWorker(
        "worker.health",
        NAME + ": UNHEALTHY, UNWATCHED (no answer)",
        "health",
        "UNHEALTHY",
        "activity",
        "UNWATCHED");
    assertThat(sent).isEmpty();

    news.onHealth(new HealthEvent(WORKER, Health.HEALTHY, WorkerActivity.STOPPED, 0, "SIGSTOP"));
    toldOfWorker(
        "worker.health",
        NAME + ": HEALTHY, STOPPED (SIGSTOP)",
        "health",
        "HEALTHY",
        "activity",
        "STOPPED");
  }

  @Test
  void aFailureIsToldWithWhatIsDoneAboutIt() {
    RecoveryDecision decision =
        new RecoveryDecision(
            RecoveryAction.REMOVE, Duration.ofMillis(200), Map.of("reason", "worker_lost"));
    news.onRecovery(
        new RecoveryEvent(
            WORKER, Instant.EPOCH, FailureKind.WORKER_EXITED, "signal SIGSEGV", decision));

    toldOfWorker(
        "worker.recovery",
        NAME + ": WORKER_EXITED (signal SIGSEGV) -> REMOVE (worker_lost) in 200 ms",
        "action",
        "REMOVE",
        "failure",
        "WORKER_EXITED",
        "reason",
        "worker_lost");
  }

  @Test
  void aRecyclingNamesLimitAndValue() {
    news.onRecycled(WORKER, new RecycleReason("max-requests", "90", "91"));

    toldOfWorker(
        "worker.recycled", NAME + ": max-requests: 91 of 90", "reason", "max-requests: 91 of 90");
  }

  @Test
  void aRungIsToldWithItsCall() {
    news.onLadder(WORKER, "term", 9);

    toldOfWorker("call.ladder", NAME + ": term, request 9", "rung", "term", "request", "9");
  }

  @Test
  void aSlowCallThatRunsIsToldWithAllThatLeadsToIt() {
    news.onSlowCall(
        new SlowCall(WORKER, 5, "prices:get", 2_013, "http-1", "ann", "00-t", evidence(true, 12)));

    toldOfWorker(
        "call.slow",
        NAME
            + ": request 5 to prices:get has run for 2013 ms, after 12 ms in the queue,"
            + " called by http-1",
        "function",
        "prices:get",
        "request",
        "5",
        "runningMillis",
        "2013",
        "queuedMillis",
        "12",
        "running",
        "true",
        "caller",
        "http-1",
        "session",
        "ann",
        "traceparent",
        "00-t");
  }

  @Test
  void aSlowCallThatHasEndedIsNotSaidToRun() {
    news.onSlowCall(new SlowCall(WORKER, 6, "prices:get", 60, "", null, null, evidence(false, -1)));

    toldOfWorker(
        "call.slow",
        NAME + ": request 6 to prices:get has ended after 60 ms",
        "function",
        "prices:get",
        "request",
        "6",
        "runningMillis",
        "60",
        "queuedMillis",
        "",
        "running",
        "false",
        "caller",
        "",
        "session",
        "",
        "traceparent",
        "");
  }

  @Test
  void onlyALossOfASessionIsNews() {
    for (SessionEvent.Kind kind : SessionEvent.Kind.values()) {
      news.onSession(new SessionEvent("prices", "ann", kind, 2));
    }

    toldOfPool(
        "session.lost",
        "session ann has lost what it kept in slot 2",
        "session",
        "ann",
        "onSlot",
        "2");
    assertThat(sent).isEmpty();
  }

  @Test
  void breakerAndCircuitsAreToldWithTheirCause() {
    news.onBreaker(
        new BreakerChange("prices", BreakerState.CLOSED, BreakerState.OPEN, "exit code 3"));
    news.onCircuit(
        new CircuitChange("prices", "*", BreakerState.OPEN, BreakerState.HALF_OPEN, "no database"));

    toldOfPool(
        "pool.breaker",
        "CLOSED -> OPEN: exit code 3",
        "from",
        "CLOSED",
        "to",
        "OPEN",
        "cause",
        "exit code 3");
    toldOfPool(
        "pool.circuit",
        "*: OPEN -> HALF_OPEN: no database",
        "circuit",
        "*",
        "from",
        "OPEN",
        "to",
        "HALF_OPEN",
        "cause",
        "no database");
  }

  @Test
  void thePoolsHealthAndServiceAreToldWithTheirReasons() {
    news.onPoolHealth(
        new PoolHealth("prices", PoolHealth.Status.DEGRADED, List.of("one worker", "no launcher")));
    news.onService(new ServiceEvent("prices", Service.POOL, Service.SINGLE, "no worker"));
    news.onService(new ServiceEvent("prices", Service.SINGLE, Service.POOL, ""));

    toldOfPool("pool.health", "DEGRADED: one worker; no launcher", "health", "DEGRADED");
    toldOfPool(
        "pool.service",
        "POOL -> SINGLE (no worker)",
        "from",
        "POOL",
        "to",
        "SINGLE",
        "reason",
        "no worker");
    toldOfPool("pool.service", "SINGLE -> POOL", "from", "SINGLE", "to", "POOL", "reason", "");
  }

  @Test
  void anAlertIsToldWithItsNumbers() {
    news.onErrorAlert(
        new ErrorAlert(
            "prices", ErrorAlert.Kind.RATE, Instant.EPOCH, 10, 6, 1, "6 of 10 calls have failed"));

    toldOfPool(
        "pool.alert",
        "6 of 10 calls have failed",
        "alert",
        "RATE",
        "calls",
        "10",
        "failures",
        "6",
        "openCircuits",
        "1");
  }

  @Test
  void aStepOfAReloadIsToldWithItsCode() {
    news.onReload(
        new ReloadEvent("prices", ReloadEvent.Step.FAILED, "ab12", "SyntaxError in prices.py"));

    toldOfPool(
        "pool.reload", "FAILED: SyntaxError in prices.py", "step", "FAILED", "codeHash", "ab12");
  }

  @Test
  void whatBefallsTheLauncherSaysWhetherItIsAFault() {
    news.onPoolEvent(new PoolEvent("prices", true, "the launcher was lost"));
    news.onPoolEvent(new PoolEvent("prices", false, "the launcher is back"));

    toldOfPool("pool.event", "the launcher was lost", "warning", "true");
    toldOfPool("pool.event", "the launcher is back", "warning", "false");
  }

  private static boolean runs(Runnable task) {
    task.run();
    return true;
  }
}
