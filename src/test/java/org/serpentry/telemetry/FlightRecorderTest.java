// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonSession;
import org.serpentry.api.WorkerState;
import org.serpentry.pool.WatchedPool;
import org.serpentry.spi.PoolListener.SlowCall;
import org.serpentry.testing.PoolWatcher.Exited;
import org.serpentry.testing.PoolWatcher.Moved;

/** What the Flight Recorder gets, from real recordings. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class FlightRecorderTest {

  @TempDir Path directory;

  private Recording recording(String... events) {
    Recording recording = new Recording();
    for (String event : events) {
      recording.enable("org.serpentry." + event).withThreshold(Duration.ZERO);
    }
    recording.start();
    return recording;
  }

  private List<RecordedEvent> recorded(Recording recording, String pool) throws IOException {
    recording.stop();
    Path file = directory.resolve("recording.jfr");
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith("org.serpentry."))
        .filter(event -> pool.equals(event.getString("pool")))
        .toList();
  }

  private static RecordedEvent only(List<RecordedEvent> events, String name, String function) {
    List<RecordedEvent> found =
        events.stream()
            .filter(event -> event.getEventType().getName().equals("org.serpentry." + name))
            .filter(event -> function == null || function.equals(event.getString("function")))
            .toList();
    assertThat(found).as("%s of %s among %s", name, function, events).hasSize(1);
    return found.get(0);
  }

  private static long phases(RecordedEvent call) {
    long sum = 0;
    for (String phase : List.of("queue", "encode", "wait", "decode")) {
      assertThat(call.getDuration(phase).toNanos()).as(phase).isNotNegative();
      sum += call.getDuration(phase).toNanos();
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aCallHasItsPhasesAndItsOutcome(int places) throws Exception {
    try (Recording recording = recording("Call");
        WatchedPool pool =
            WatchedPool.start(1, config -> config.life(life -> life.callsPerWorker(places)))) {
      pool.function("faulty:sleep").args(0.05).call();
      pool.function("faulty:echo").args("x").callAsync(String.class).get(30, TimeUnit.SECONDS);
      assertThatThrownBy(() -> pool.function("faulty:fail").call())
          .isInstanceOf(PythonCallException.class);

      List<RecordedEvent> events = recorded(recording, "test");
      RecordedEvent sync = only(events, "Call", "faulty:sleep");
      assertThat(sync.getString("outcome")).isEqualTo("SUCCESS");
      assertThat(sync.getString("caller")).isEqualTo(Thread.currentThread().getName());
      assertThat(sync.getThread().getJavaName()).isEqualTo(Thread.currentThread().getName());
      assertThat(sync.getInt("slot")).isZero();
      assertThat(sync.getInt("attempts")).isEqualTo(1);
      assertThat(sync.getLong("request")).isPositive();
      assertThat(sync.getDuration("wait")).isGreaterThanOrEqualTo(Duration.ofMillis(50));
      assertThat(phases(sync)).isLessThanOrEqualTo(sync.getDuration().toNanos() + 1_000_000);
      assertThat(sync.getStackTrace()).isNull();
      assertThat(only(events, "Call", "faulty:echo").getString("outcome")).isEqualTo("SUCCESS");
      assertThat(only(events, "Call", "faulty:fail").getString("outcome"))
          .isEqualTo("PythonCallException");
    }
  }

  @Test
  void aCallThatIsGivenUpEndsInTheRecordingToo() throws Exception {
    try (Recording recording = recording("Call");
        WatchedPool pool = WatchedPool.start(1, config -> config)) {
      CompletableFuture<Void> call = pool.function("pooled:hold").callAsync();
      pool.watcher().awaitProgress(0, "holding");
      call.cancel(true);
      pool.watcher().awaitProgress(0, "cancelled");

      assertThat(only(recorded(recording, "test"), "Call", "pooled:hold").getString("outcome"))
          .isEqualTo("CANCELLED");
    }
  }

  /** Cannot be made of any result. */
  public record Overflowing(int value) {
    /** Throws. */
    public Overflowing {
      if (value >= 0) {
        throw new StackOverflowError("of a class that is too deep");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aCallOfWhoseResultNothingCanBeMadeEndsInTheRecordingToo(int places) throws Exception {
    try (Recording recording = recording("Call");
        WatchedPool pool =
            WatchedPool.start(1, config -> config.life(life -> life.callsPerWorker(places)))) {
      Map<String, Integer> one = Map.of("value", 1);
      assertThatThrownBy(() -> pool.function("faulty:echo").args(one).call(Overflowing.class))
          .isInstanceOf(StackOverflowError.class);
      CompletableFuture<Overflowing> later =
          pool.function("several:echo").args(one).callAsync(Overflowing.class);
      assertThatThrownBy(() -> later.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(StackOverflowError.class);

      List<RecordedEvent> events = recorded(recording, "test");
      for (String function : List.of("faulty:echo", "several:echo")) {
        assertThat(only(events, "Call", function).getString("outcome"))
            .isEqualTo("StackOverflowError");
      }
    }
  }

  @Test
  void theOutcomeIsTheCallsWhateverItsFallbackAnswers() throws Exception {
    try (Recording recording = recording("Call");
        WatchedPool pool = WatchedPool.start(1, config -> config)) {
      assertThat(pool.function("faulty:fail").fallback(e -> 7).call(int.class)).isEqualTo(7);
      assertThat(
              pool.function("faulty:unknown")
                  .fallback(e -> 8)
                  .callAsync(int.class)
                  .get(30, TimeUnit.SECONDS))
          .isEqualTo(8);

      List<RecordedEvent> events = recorded(recording, "test");
      assertThat(only(events, "Call", "faulty:fail").getString("outcome"))
          .isEqualTo("PythonCallException");
      assertThat(only(events, "Call", "faulty:unknown").getString("outcome"))
          .isEqualTo("FunctionNotExposedException");
    }
  }

  @Test
  void theWaitForASessionsTurnIsTimeInTheQueue() throws Exception {
    try (Recording recording = recording("Call");
        WatchedPool pool = WatchedPool.start(2, config -> config)) {
      PythonSession session = pool.pool().session("s");
      CompletableFuture<Void> first = session.function("pooled:hold").callAsync();
      pool.watcher().awaitProgress(0, "holding");
      Thread caller = new Thread(() -> session.function("faulty:echo").args("x").call());
      caller.start();
      CompletableFuture<Void> later = session.function("several:echo").args("x").callAsync();
      while (session.info().orElseThrow().waiting() < 2) {
        Thread.onSpinWait();
      }
      long since = System.nanoTime();
      while (System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(20)) {
        Thread.onSpinWait();
      }
      first.cancel(true);
      caller.join();
      later.get(30, TimeUnit.SECONDS);

      List<RecordedEvent> events = recorded(recording, "test");
      for (String function : List.of("faulty:echo", "several:echo")) {
        assertThat(only(events, "Call", function).getDuration("queue"))
            .isGreaterThanOrEqualTo(Duration.ofMillis(20));
      }
    }
  }

  @Test
  void workersComeAndGoInTheRecording() throws Exception {
    try (Recording recording = recording("WorkerStart", "WorkerEnd", "Recycle", "Recovery");
        WatchedPool pool = WatchedPool.start(1, config -> config)) {
      int first = pool.pid(0);
      pool.pool().control().recycleWorkersOneByOne().join();
      pool.watcher().awaitExit(first);
      int second = pool.pid(0);
      int mark = pool.watcher().mark();
      pool.pool().control().killWorker(0);
      pool.watcher().awaitAfter(mark, Exited.class, exit -> exit.worker().pid() == second);
      pool.watcher()
          .awaitAfter(mark, Moved.class, moved -> moved.transition().to() == WorkerState.READY);
      pool.assertWhole(); // What has been told is carried out.

      List<RecordedEvent> events = recorded(recording, "test");
      assertThat(named(events, "WorkerStart"))
          .hasSize(3)
          .allSatisfy(start -> assertThat(start.getDuration("took")).isPositive());
      assertThat(named(events, "Recycle")).hasSize(1);
      assertThat(named(events, "WorkerEnd"))
          .anySatisfy(
              end -> {
                assertThat(end.getInt("pid")).isEqualTo(second);
                assertThat(end.getString("how")).contains("SIGKILL");
              })
          .anySatisfy(
              end -> {
                assertThat(end.getInt("pid")).isEqualTo(first);
                assertThat(end.getBoolean("expected")).isTrue();
              });
      assertThat(named(events, "Recovery"))
          .allSatisfy(event -> assertThat(event.getString("action")).isNotEmpty());
    }
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals("org.serpentry." + name))
        .toList();
  }

  @Test
  void healthAndSlowCallsAreRecorded() throws Exception {
    try (Recording recording = recording("Health", "SlowCall");
        WatchedPool pool =
            WatchedPool.start(
                1,
                config ->
                    config
                        .healthCheckInterval(Duration.ofMillis(50))
                        .life(life -> life.slowCallThreshold(Duration.ofMillis(50))))) {
      CompletableFuture<Void> call = pool.function("pooled:hold").callAsync();
      pool.watcher().await(SlowCall.class, told -> told.target().equals("pooled:hold"));
      call.cancel(true);
      int mark = pool.watcher().mark();
      pool.watcher().awaitAfter(mark, org.serpentry.spi.HealthEvent.class, event -> true);
      pool.assertWhole();

      List<RecordedEvent> events = recorded(recording, "test");
      assertThat(named(events, "Health"))
          .isNotEmpty()
          .allSatisfy(event -> assertThat(event.getString("health")).isNotEmpty());
      RecordedEvent slow = only(events, "SlowCall", "pooled:hold");
      assertThat(slow.getDuration("running")).isGreaterThanOrEqualTo(Duration.ofMillis(50));
      assertThat(slow.getString("pythonStacks")).contains("in hold");
    }
  }

  @Test
  void nothingIsMadeWhileNobodyRecords() {
    assertThat(FlightRecorder.call("p", "m:f", null, null)).isSameAs(CallRecording.NONE);
  }

  @Test
  void callsBelowTheDefaultThresholdAreNotKept() throws Exception {
    try (Recording recording = new Recording(Configuration.getConfiguration("default"));
        WatchedPool pool = WatchedPool.start(1, config -> config)) {
      recording.start();
      pool.function("faulty:sleep").args(0.1).call();
      // One that would have to take 20 ms; on a machine that does make it so it is recorded.
      pool.function("faulty:echo").args("x").call(String.class);

      List<RecordedEvent> events = recorded(recording, "test");
      only(events, "Call", "faulty:sleep");
      assertThat(events)
          .filteredOn(event -> event.getEventType().getName().equals("org.serpentry.Call"))
          .allSatisfy(
              event ->
                  assertThat(event.getDuration()).isGreaterThanOrEqualTo(Duration.ofMillis(20)));
    }
  }

  @Test
  void theSettingsFileNamesEachEventAndKeepsStacksOff() throws Exception {
    Map<String, String> settings =
        Configuration.create(Path.of("deploy/serpentry.jfc")).getSettings();
    for (String event :
        List.of("Call", "SlowCall", "WorkerStart", "WorkerEnd", "Recycle", "Health", "Recovery")) {
      assertThat(settings)
          .containsEntry("org.serpentry." + event + "#enabled", "true")
          .containsEntry("org.serpentry." + event + "#stackTrace", "false");
    }
    assertThat(settings).containsEntry("org.serpentry.Call#threshold", "20 ms");
  }
}
