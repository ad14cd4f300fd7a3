// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.CallCancelledException;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.spi.PoolListener.SlowCall;
import org.serpentry.testing.PoolWatcher.Dumped;
import org.serpentry.testing.Processes;
import org.serpentry.worker.Worker;

/** What is told of calls that run for long. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class SlowCallsTest {

  private static WatchedPool pool(int places, String... thresholds) {
    return WatchedPool.start(
        1,
        config -> config.life(life -> life.callsPerWorker(places).slowCallThresholds(thresholds)));
  }

  /** Calls on a thread of its own, which waits; the operator ends the call when it was told of. */
  private static SlowCall slow(WatchedPool pool, Runnable call) throws InterruptedException {
    return slow(pool, call, () -> {});
  }

  private static SlowCall slow(WatchedPool pool, Runnable call, Runnable meanwhile)
      throws InterruptedException {
    int mark = pool.watcher().mark();
    Thread caller = new Thread(() -> endedByTheOperator(call), "a waiting caller");
    caller.start();
    meanwhile.run();
    SlowCall told =
        pool.watcher().awaitAfter(mark, SlowCall.class, event -> event.evidence().running());
    // The dump was for this alone. Later the ladder may ask for one that all hear.
    assertThat(pool.watcher().all(Dumped.class)).isEmpty();
    pool.pool().operator().cancelCall(told.requestId());
    caller.join();
    return told;
  }

  private static void endedByTheOperator(Runnable call) {
    try {
      call.run();
    } catch (CallCancelledException e) {
      assertThat(e).hasMessageContaining(PoolOperator.NAME);
    }
  }

  private static void sleepFrom(WatchedPool pool) {
    pool.function("faulty:sleep").arg("seconds", 60).call();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aCallThatIsWaitedForIsToldWithTheStacksOfBothSides(int places) throws Exception {
    try (WatchedPool pool = pool(places, "faulty:sleep=100ms")) {
      SlowCall told = slow(pool, () -> sleepFrom(pool));

      assertThat(told.target()).isEqualTo("faulty:sleep");
      assertThat(told.caller()).isEqualTo("a waiting caller");
      assertThat(told.runningMillis()).isGreaterThanOrEqualTo(100);
      assertThat(told.evidence().callerStack())
          .anySatisfy(frame -> assertThat(frame.getMethodName()).isEqualTo("sleepFrom"));
      assertThat(told.evidence().callerStack().get(0).getClassName())
          .isEqualTo(FunctionRequest.class.getName());
      assertThat(told.evidence().pythonStacks()).contains("faulty.py").contains("in sleep");
      assertThat(told.evidence().arguments()).containsExactly("seconds: Integer");
      assertThat(told.evidence().payloadBytes()).isEqualTo("{\"seconds\":60}".length());
      assertThat(told.evidence().queuedMillis()).isNotNegative();
      assertThat(pool.watcher().all(SlowCall.class))
          .filteredOn(event -> event.requestId() == told.requestId())
          .hasSize(1);
    }
  }

  @Test
  void itsTimeInTheQueueIsTold() throws Exception {
    try (WatchedPool pool = pool(1, "faulty:sleep=50ms")) {
      CompletableFuture<Void> before = pool.function("pooled:hold").callAsync();
      pool.watcher().awaitProgress(0, "holding");
      SlowCall told =
          slow(
              pool,
              () -> sleepFrom(pool),
              () -> {
                while (pool.snapshot().waiting() == 0) {
                  Thread.onSpinWait();
                }
                long since = System.nanoTime();
                while (System.nanoTime() - since < 20_000_000) {
                  Thread.onSpinWait();
                }
                before.cancel(true);
              });

      assertThat(told.evidence().queuedMillis()).isGreaterThanOrEqualTo(20);
    }
  }

  @Test
  void onlyFunctionsWithAThresholdAreTold() throws Exception {
    try (WatchedPool pool = pool(1, "faulty:sleep=0s", "pooled:hold=50ms")) {
      pool.function("faulty:sleep").args(0.2).call();
      SlowCall told = slow(pool, () -> pool.function("pooled:hold").call());

      assertThat(told.target()).isEqualTo("pooled:hold");
      assertThat(pool.watcher().all(SlowCall.class)).hasSize(1);
    }
  }

  @Test
  void theStackOfAnAsynchronousCallerIsTakenOnceItsFunctionWasSlow() {
    try (WatchedPool pool = pool(1, "faulty:sleep=50ms")) {
      assertThat(toldOfAsync(pool).evidence().callerStack()).isEmpty();
      assertThat(toldOfAsync(pool).evidence().callerStack())
          .anySatisfy(frame -> assertThat(frame.getMethodName()).isEqualTo("toldOfAsync"));
    }
  }

  private static SlowCall toldOfAsync(WatchedPool pool) {
    int mark = pool.watcher().mark();
    CompletableFuture<Void> call = pool.function("faulty:sleep").args(60).callAsync();
    SlowCall told = pool.watcher().awaitAfter(mark, SlowCall.class, event -> true);
    call.cancel(true);
    return told;
  }

  @Test
  void aCallThatEndsBetweenTwoLooksIsToldAtItsEnd() {
    // The look comes after half a second at the earliest.
    try (WatchedPool pool = pool(1, "pooled:hold=1ms", "faulty:echo=1s")) {
      pool.function("pooled:hold").args(0.005).call();

      SlowCall told =
          pool.watcher().await(SlowCall.class, call -> call.target().equals("pooled:hold"));
      assertThat(told.runningMillis()).isPositive();
      assertThat(pool.watcher().all(SlowCall.class)).hasSize(1);
    }
  }

  @Test
  void aCallIsToldOnceThoughALookComesJustBeforeItsEndIsKnown(@TempDir Path directory)
      throws Exception {
    AtomicReference<Runnable> atEachLookAtTheClock = new AtomicReference<>(() -> {});
    LongSupplier clock =
        () -> {
          atEachLookAtTheClock.get().run();
          return System.nanoTime();
        };
    try (WatchedPool pool =
        WatchedPool.start(
            1,
            config -> config.life(life -> life.slowCallThresholds("several:wait_for_file=50ms")),
            parts -> parts.clocks(Clock.systemUTC(), clock))) {
      Path file = directory.resolve("end");
      Thread caller =
          new Thread(() -> pool.function("several:wait_for_file").args(file.toString()).call());
      caller.start();
      pool.watcher().await(SlowCall.class, told -> told.evidence().running());
      Worker worker = pool.pool().crew().slot(0).current();
      atEachLookAtTheClock.set(
          () -> {
            if (Thread.currentThread() == caller && worker.running() == null) {
              look(pool);
            }
          });
      Files.createFile(file);
      caller.join();
      atEachLookAtTheClock.set(() -> {});
      pool.assertWhole();

      assertThat(pool.watcher().all(SlowCall.class)).hasSize(1);
    }
  }

  private static void look(WatchedPool pool) {
    CompletableFuture<Void> looked = new CompletableFuture<>();
    pool.pool()
        .context()
        .reactor()
        .execute(
            () -> {
              pool.pool().operator().slowCalls().look();
              looked.complete(null);
            });
    looked.join();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void ofACallThatBeganWhileNoneWasSlowItsStacksAreToldAndNoMore(int places) {
    try (WatchedPool pool = pool(places)) {
      CompletableFuture<Void> call = pool.function("pooled:hold").callAsync();
      pool.watcher().awaitProgress(0, "holding");
      Worker worker = pool.pool().crew().slot(0).current();

      assertThat(pool.pool().crew().lanes().running(worker).origin()).isNull();
      pool.pool().operator().change("slow-call-threshold", "50ms", "the test");
      SlowCall told = pool.watcher().await(SlowCall.class, any -> true);
      assertThat(told.target()).isEqualTo("pooled:hold");
      assertThat(told.evidence().pythonStacks()).contains("in hold");
      assertThat(told.evidence().queuedMillis()).isEqualTo(-1);
      call.cancel(true);
    }
  }

  /** A text that has characters, but cannot say how many. */
  private static final class Lengthless implements CharSequence {
    @Override
    public int length() {
      throw new NoClassDefFoundError("of an application that has been undeployed");
    }

    @Override
    public char charAt(int index) {
      return 'x';
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return this;
    }

    @Override
    public String toString() {
      return "x";
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void anArgumentThatCannotBeDescribedHurtsNoCall(int places) {
    UnaryOperator<PoolConfigBuilder> all =
        config ->
            config.life(life -> life.callsPerWorker(places).slowCallThreshold(Duration.ofNanos(1)));
    try (WatchedPool pool = WatchedPool.start(1, all)) {
      for (int i = 0; i < places; i++) {
        assertThat(pool.function("faulty:length").args(new Lengthless()).call(int.class))
            .isEqualTo(1);
      }
      SlowCall told =
          pool.watcher().await(SlowCall.class, call -> call.target().equals("faulty:length"));

      assertThat(told.evidence().arguments())
          .containsExactly(
              "0: Lengthless that cannot be described: java.lang.NoClassDefFoundError");
      pool.assertWhole();
    }
  }

  @Test
  void aWorkerThatIsStoppedKeepsNobodyFromHearing() throws Exception {
    try (WatchedPool pool = pool(1, "pooled:hold_stopped=50ms")) {
      int pid = pool.pid(0);
      SlowCall told =
          slow(
              pool,
              () -> {
                try {
                  pool.function("pooled:hold_stopped").call();
                } finally {
                  Processes.signal("CONT", pid);
                }
              });

      assertThat(told.evidence().pythonStacks()).startsWith("none within 2000 ms");
    }
  }

  @Test
  void valuesAreToldOnlyWhenAsked() throws Exception {
    UnaryOperator<PoolConfigBuilder> values =
        config ->
            config.life(life -> life.slowCallThreshold(Duration.ofMillis(50)).slowCallValues(true));
    try (WatchedPool pool = WatchedPool.start(1, values)) {
      SlowCall told = slow(pool, () -> pool.function("faulty:sleep").args(60).call());

      assertThat(told.evidence().arguments()).containsExactly("0: Integer = 60");
    }
  }

  @Test
  void sizesSayNothingOfValues() {
    assertThat(
            ArgumentTexts.of(
                List.of("secret", new byte[3], List.of(1, 2)),
                Map.of("entries", Map.of("a", 1)),
                false))
        .containsExactly(
            "0: text of 6 characters", "1: byte[] of 3", "2: list of 2", "entries: map of 1");
  }

  @Test
  void valuesAreCutShortAndForgeNoLine() {
    List<String> told = ArgumentTexts.of(List.of("a\nb" + "x".repeat(300)), Map.of(), true);

    assertThat(told).hasSize(1);
    assertThat(told.get(0)).startsWith("0: text of 303 characters = a\\nbxxx").endsWith("x…");
    assertThat(told.get(0).length()).isLessThan(250);
  }

  @Test
  void ofManyArgumentsTheFirstAreTold() {
    assertThat(ArgumentTexts.of(java.util.Collections.nCopies(60, 1), Map.of(), false))
        .hasSize(51)
        .last()
        .isEqualTo("10 arguments more");
  }
}
