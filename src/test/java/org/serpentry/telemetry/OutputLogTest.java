// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.FailureKind;
import org.serpentry.api.Health;
import org.serpentry.api.RecoveryAction;
import org.serpentry.api.RecoveryDecision;
import org.serpentry.api.WorkerActivity;
import org.serpentry.spi.HealthEvent;
import org.serpentry.spi.PoolListener.PoolEvent;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.spi.RecoveryEvent;

@Tag("layer-1")
class OutputLogTest {

  private static final WorkerRef WORKER = new WorkerRef("p", 0, 7, 42);
  private static final WorkerRef OTHER = new WorkerRef("p", 1, 8, 43);
  private static final String OWN = " serpentry.pool.p: ";
  private static final String FROM = "p/0 (worker 7, pid 42)";

  private final RecordingLoggers loggers = new RecordingLoggers(() -> {});
  private final AtomicLong nanos = new AtomicLong();

  private OutputLog log(int rate) {
    return new OutputLog("p", rate, 100, loggers, nanos::get);
  }

  @Test
  void printedLinesNameTheirWorkerAndStreamAndForgeNothing() {
    try (OutputLog log = log(0)) {
      log.onOutput(WORKER, "stdout", List.of("hello {0}", "a\rINFO forged\u001b[2J"));
      log.onOutput(WORKER, "stderr", List.of("oops"));
    }

    assertThat(loggers.entries())
        .containsExactly(
            "INFO" + OWN + FROM + " stdout: hello {0}",
            "INFO" + OWN + FROM + " stdout: a\\rINFO forged\\u001b[2J",
            "WARNING" + OWN + FROM + " stderr: oops");
  }

  @Test
  void recordsOfPythonKeepTheirLoggerLevelAndContext() {
    try (OutputLog log = log(0)) {
      log.onLog(
          WORKER,
          List.of(
              Map.of("logger", "shop.orders\nx", "level", 40, "message", "lost\nSEVERE: forged"),
              Map.of("level", 10, "message", "small"),
              Map.of("logger", "a", "level", 25, "message", "m", "session", "s\r1", "request", 9),
              Map.of("logger", "a", "level", 30, "message", "m", "traceback", "T:\n  x\u001b\n")));
    }

    assertThat(loggers.entries())
        .containsExactly(
            "ERROR python.shop.orders_x: lost\\nSEVERE: forged [" + FROM + "]",
            "DEBUG python.root: small [" + FROM + "]",
            "INFO python.a: m [" + FROM + ", session s\\r1, request 9]",
            "WARNING python.a: m [" + FROM + "]\n  T:\n    x\\u001b");
  }

  @Test
  void eachWorkerMayPrintSoManyLinesASecondAndTheRestIsCounted() {
    try (OutputLog log = log(2)) {
      log.onOutput(WORKER, "stdout", List.of("1", "2", "3", "4", "5"));
      log.onOutput(OTHER, "stdout", List.of("its own"));
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
      log.onOutput(WORKER, "stdout", List.of("6"));
    }

    assertThat(loggers.entries())
        .containsExactly(
            "INFO" + OWN + FROM + " stdout: 1",
            "INFO" + OWN + FROM + " stdout: 2",
            "INFO" + OWN + "p/1 (worker 8, pid 43) stdout: its own",
            "WARNING" + OWN + FROM + ": 3 lines dropped beyond output-rate",
            "INFO" + OWN + FROM + " stdout: 6");
  }

  @Test
  void aSlowLogHoldsNobodyUpAndTellsWhatItLost() throws InterruptedException {
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    RecordingLoggers slow =
        new RecordingLoggers(
            () -> {
              writing.countDown();
              awaitQuietly(go);
            });
    try (OutputLog log = new OutputLog("p", 0, 1, slow, nanos::get)) {
      log.onOutput(WORKER, "stdout", List.of("written"));
      assertThat(writing.await(30, TimeUnit.SECONDS)).isTrue();
      log.onOutput(WORKER, "stdout", List.of("queued", "lost", "lost", "lost"));
      go.countDown();
    }

    assertThat(slow.entries())
        .containsExactly(
            "INFO" + OWN + FROM + " stdout: written",
            "WARNING" + OWN + "3 log entries dropped: they came faster than they are written",
            "INFO" + OWN + FROM + " stdout: queued");
  }

  @Test
  void eventsOfThePoolAreLoggedByTheirWeight() {
    try (OutputLog log = log(0)) {
      log.onWorkerExit(WORKER, "exit 0", true);
      log.onWorkerExit(WORKER, "signal\n11", false);
      log.onLadder(WORKER, "cancel", 5);
      log.onLadder(WORKER, "kill", 5);
      log.onDump(WORKER, "File x\nFile y");
      log.onOutputDropped(WORKER, 12);
      log.onPoolEvent(new PoolEvent("p", true, "the launcher\nwas lost"));
      log.onPoolEvent(new PoolEvent("p", false, "resized"));
    }

    assertThat(loggers.entries())
        .containsExactly(
            "DEBUG" + OWN + FROM + " has ended: exit 0",
            "DEBUG" + OWN + FROM + " died: signal\\n11",
            "DEBUG" + OWN + FROM + ": cancel used against request 5",
            "WARNING" + OWN + FROM + ": kill used against request 5",
            "WARNING" + OWN + FROM + " stacks:\n  File x\n  File y",
            "WARNING" + OWN + FROM + ": 12 lines dropped, printed too fast",
            "WARNING" + OWN + "the launcher\\nwas lost",
            "INFO" + OWN + "resized");
  }

  private static HealthEvent health(Health health, WorkerActivity activity, String reason) {
    return new HealthEvent(WORKER, health, activity, 1, reason);
  }

  private static RecoveryEvent recovery(FailureKind failure, RecoveryAction action, int millis) {
    return new RecoveryEvent(
        WORKER,
        Instant.EPOCH,
        failure,
        "a\nb",
        new RecoveryDecision(action, Duration.ofMillis(millis), Map.of("reason", "r")));
  }

  @Test
  void verdictsAndDecisionsAreLoggedByWhatTheyMeanToCallers() {
    try (OutputLog log = log(0)) {
      log.onHealth(health(Health.HEALTHY, WorkerActivity.UNWATCHED, "answered"));
      log.onHealth(health(Health.HEALTHY, WorkerActivity.COMPUTING, "computes"));
      log.onHealth(health(Health.HEALTHY, WorkerActivity.STOPPED, "is stopped"));
      log.onHealth(health(Health.UNHEALTHY, WorkerActivity.UNWATCHED, "no\nanswer"));
      log.onRecovery(recovery(FailureKind.CALL_TIMED_OUT, RecoveryAction.RETRY, 0));
      log.onRecovery(recovery(FailureKind.PROBE_FAILED, RecoveryAction.DEGRADE, 5_000));
      log.onRecovery(recovery(FailureKind.PROBE_FAILED, RecoveryAction.REPLACE, 0));
      log.onRecovery(recovery(FailureKind.WORKER_EXITED, RecoveryAction.REMOVE, 0));
    }

    assertThat(loggers.entries())
        .containsExactly(
            "DEBUG" + OWN + FROM + " is HEALTHY: answered",
            "DEBUG" + OWN + FROM + " is HEALTHY: computes",
            "WARNING" + OWN + FROM + " is HEALTHY: is stopped",
            "WARNING" + OWN + FROM + " is UNHEALTHY: no\\nanswer",
            "DEBUG" + OWN + FROM + ": CALL_TIMED_OUT (a\\nb) -> RETRY (r)",
            "WARNING" + OWN + FROM + ": PROBE_FAILED (a\\nb) -> DEGRADE (r) in 5000 ms",
            "WARNING" + OWN + FROM + ": PROBE_FAILED (a\\nb) -> REPLACE (r)",
            "DEBUG" + OWN + FROM + ": WORKER_EXITED (a\\nb) -> REMOVE (r)");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the test did not let the log go on");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
