// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
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
import org.serpentry.spi.PoolListener.SlowCall;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.spi.SlowCallEvidence;

@Tag("layer-1")
class OutputLogTest {

  private static final WorkerRef WORKER = new WorkerRef("p", 0, 7, 42);
  private static final WorkerRef OTHER = new WorkerRef("p", 1, 8, 43);
  private static final String OWN = " serpentry.pool.p: ";
  private static final String FROM = "p/0 (worker 7, pid 42)";

  private final RecordingLoggers loggers = new RecordingLoggers(() -> {});
  private final AtomicLong nanos = new AtomicLong();

  private OutputLog log(int rate) {
    return new OutputLog("p", rate, 100, loggers, nanos::get, LogContext.NONE);
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
              Map.of("level", 10, "message", "small", "request", 0),
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
  void aWorkerThatPrintsNoMoreHasItsLossToldToo() throws InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    RecordingLoggers watched =
        new RecordingLoggers(
            () -> {
              if (nanos.get() > 0) {
                told.countDown();
              }
            });
    try (OutputLog log = new OutputLog("p", 1, 100, watched, nanos::get, LogContext.NONE)) {
      log.onOutput(WORKER, "stdout", List.of("1", "2", "3"));
      log.onOutput(OTHER, "stdout", List.of("its own"));
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));

      assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(watched.entries())
        .containsExactlyInAnyOrder(
            "INFO" + OWN + FROM + " stdout: 1",
            "INFO" + OWN + "p/1 (worker 8, pid 43) stdout: its own",
            "WARNING" + OWN + FROM + ": 2 lines dropped beyond output-rate");
  }

  @Test
  void aWorkerThatEndsHasItsLossToldBefore() {
    try (OutputLog log = log(1)) {
      log.onOutput(WORKER, "stdout", List.of("1", "2", "3"));
      log.onWorkerExit(WORKER, "exit 0", true);
    }

    assertThat(loggers.entries())
        .containsExactly(
            "INFO" + OWN + FROM + " stdout: 1",
            "WARNING" + OWN + FROM + ": 2 lines dropped beyond output-rate",
            "DEBUG" + OWN + FROM + " has ended: exit 0");
  }

  @Test
  void aTracebackIsWholeHoweverLong() {
    String frames = "  File x, line 1, in f\n".repeat(1_300);
    try (OutputLog log = log(0)) {
      log.onLog(
          WORKER,
          List.of(Map.of("logger", "a", "level", 40, "message", "m", "traceback", frames + "End")));
    }

    assertThat(loggers.entries()).hasSize(1);
    assertThat(loggers.entries().get(0).lines()).hasSize(1_302).last().isEqualTo("  End");
  }

  @Test
  void whatAnEntryIsAboutIsInTheMdcWhileItIsWritten() {
    List<Map<String, String>> contexts = new CopyOnWriteArrayList<>();
    RecordingLoggers watched = new RecordingLoggers(() -> contexts.add(FakeMdc.now()));
    LogContext context = LogContext.of(getClass().getClassLoader(), FakeMdc.class.getName());
    String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    try (OutputLog log = new OutputLog("p", 0, 100, watched, nanos::get, context)) {
      log.onLog(
          WORKER,
          List.of(
              Map.of("message", "m", "session", "s\n1", "trace", trace, "request", 9),
              Map.of("message", "outside of calls", "request", 0)));
      log.onPoolEvent(new PoolEvent("p", false, "resized"));
    }

    Map<String, String> worker =
        Map.of(
            "serpentry.pool", "p",
            "serpentry.slot", "0",
            "serpentry.worker", "7",
            "serpentry.pid", "42");
    Map<String, String> call = new HashMap<>(worker);
    call.put("serpentry.request", "9");
    call.put("serpentry.session", "s\\n1");
    call.put("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736");
    call.put("span_id", "00f067aa0ba902b7");
    assertThat(contexts).containsExactly(call, worker, Map.of("serpentry.pool", "p"));
    assertThat(FakeMdc.now()).isEmpty();
  }

  @Test
  void withoutAnMdcEverythingStandsInTheText() {
    assertThat(LogContext.of(getClass().getClassLoader(), "org.example.NoMdc"))
        .isSameAs(LogContext.NONE);
  }

  @Test
  void aSlowCallIsOneEntryOfItsOwnCategory() {
    StackTraceElement frame = new StackTraceElement("shop.Cart", "price", "Cart.java", 12);
    SlowCallEvidence evidence =
        new SlowCallEvidence(
            true,
            3,
            27,
            List.of("text: text of 5 characters", "forged\nline"),
            List.of(frame),
            "Thread 1:\n  File \"prices.py\", line 3 in get");
    try (OutputLog log = log(0)) {
      log.onSlowCall(
          new SlowCall(WORKER, 5, "prices:get", 2_013, "http-1", "ann", "00-t", evidence));
      log.onSlowCall(
          new SlowCall(
              WORKER,
              6,
              "prices:get",
              60,
              "",
              null,
              null,
              new SlowCallEvidence(false, -1, -1, List.of(), List.of(), "none")));
    }

    assertThat(loggers.entries())
        .containsExactly(
            """
            WARNING serpentry.slow: p/0 (worker 7, pid 42): request 5 to prices:get has run for \
            2013 ms, after 3 ms in the queue, called by http-1, session ann, trace 00-t
              arguments: 27 bytes of JSON
                text: text of 5 characters
                forged\\nline
              caller's stack:
                at shop.Cart.price(Cart.java:12)
              Python stacks:
                Thread 1:
                  File "prices.py", line 3 in get""",
            """
            WARNING serpentry.slow: p/0 (worker 7, pid 42): request 6 to prices:get has ended \
            after 60 ms
              arguments:
              caller's stack: none: the caller did not wait, or the call has ended
              Python stacks:
                none""");
  }

  @Test
  void theRateMayChange() {
    AtomicLong rate = new AtomicLong(1);
    try (OutputLog log = log(0)) {
      log.rate(() -> (int) rate.get());
      log.onOutput(WORKER, "stdout", List.of("1", "dropped"));
      rate.set(2);
      log.onOutput(WORKER, "stdout", List.of("2", "dropped"));
    }

    assertThat(loggers.entries())
        .filteredOn(line -> line.contains(" stdout: "))
        .containsExactly("INFO" + OWN + FROM + " stdout: 1", "INFO" + OWN + FROM + " stdout: 2");
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
    try (OutputLog log = new OutputLog("p", 0, 1, slow, nanos::get, LogContext.NONE)) {
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
