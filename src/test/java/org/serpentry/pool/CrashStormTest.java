// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.BreakerState;
import org.serpentry.api.CircuitOpenException;
import org.serpentry.api.WorkerStartException;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.config.StartMethod;
import org.serpentry.original.Original;
import org.serpentry.spi.PoolListener.BreakerChange;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.PoolWatcher.Exited;
import org.serpentry.testing.Processes;

/** Workers that die at once are not restarted for ever, and callers are told why. */
@Original("snakepit")
@Tag("core-pool")
@Tag("layer-2")
class CrashStormTest {

  private static final Duration LONG = Duration.ofMinutes(10);
  private static final int LIMIT = 3;

  @TempDir Path modules;
  private Path poison;

  @BeforeEach
  void write() throws IOException {
    poison = Poison.into(modules);
  }

  private static PoolConfigBuilder settings(PoolConfigBuilder config, Duration pause) {
    return config
        .preload(List.of("poisoned"))
        .restartBackoffMin(Duration.ofMillis(1))
        .restartBackoffMax(Duration.ofMillis(2))
        .life(l -> l.crashLimit(LIMIT).crashPause(pause));
  }

  private WatchedPool start(int size, Duration pause) {
    return WatchedPool.start(size, c -> settings(c, pause), modules);
  }

  private static int kill(WatchedPool pool, int slot) {
    int victim = pool.pid(slot);
    pool.pool().control().killWorker(slot);
    return victim;
  }

  private static BreakerChange awaitBreaker(WatchedPool pool, int mark, BreakerState state) {
    return pool.watcher().awaitAfter(mark, BreakerChange.class, c -> c.to() == state);
  }

  private static long earlyDeaths(WatchedPool pool) {
    return pool.watcher().all(Exited.class).stream()
        .filter(e -> e.how().equals("exit code 41"))
        .count();
  }

  @Test
  void stopsAStormAndTellsCallersAtOnceHowTheLastWorkerDied() throws IOException {
    try (WatchedPool pool = start(1, LONG)) {
      pool.assertWhole();
      Files.createFile(poison);
      kill(pool, 0);
      BreakerChange opened = awaitBreaker(pool, 0, BreakerState.OPEN);
      assertThat(opened.cause()).contains("exit code 41").contains("poisoned to death");
      assertThatExceptionOfType(CircuitOpenException.class)
          .isThrownBy(() -> pool.function("faulty:add").args(1, 2).call())
          .withMessageContaining("exit code 41")
          .withMessageContaining("poisoned to death")
          .satisfies(e -> assertThat(e.retryAfter()).isPositive())
          .withCauseInstanceOf(WorkerStartException.class)
          .satisfies(
              e ->
                  assertThat(((WorkerStartException) e.getCause()).lastOutput())
                      .containsExactly("poisoned to death"));
      assertThat(earlyDeaths(pool)).isEqualTo(LIMIT + 1);
      PoolSnapshot snapshot = pool.snapshot();
      assertThat(snapshot.fault()).contains("crash breaker").contains("exit code 41");
      assertThat(snapshot.upkeep().breaker().state()).isEqualTo(BreakerState.OPEN);
      assertThat(snapshot.upkeep().breaker().cause()).contains("poisoned to death");
      assertThat(snapshot.upkeep().breaker().remainingMillis()).isPositive();
    }
  }

  @Test
  void endsTheCallsThatWaitWhenItOpens() throws IOException {
    try (WatchedPool pool = start(1, LONG)) {
      CompletableFuture<String> running =
          pool.function("pooled:hold").args(60).callAsync(String.class);
      pool.watcher().awaitProgress(0, "holding");
      CompletableFuture<Integer> waiting =
          pool.function("faulty:add").args(1, 2).callAsync(Integer.class);
      Files.createFile(poison);
      kill(pool, 0);
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(waiting::join)
          .withCauseInstanceOf(CircuitOpenException.class);
      assertThat(running).isCompletedExceptionally();
    }
  }

  @Test
  void letsWorkersThatLiveServeOnWhileItIsOpen() throws IOException {
    try (WatchedPool pool = start(2, LONG)) {
      pool.assertWhole();
      int living = pool.pid(0);
      Files.createFile(poison);
      kill(pool, 1);
      awaitBreaker(pool, 0, BreakerState.OPEN);
      for (int call = 0; call < 5; call++) {
        assertThat(pool.function("faulty:pid").call(Integer.class)).isEqualTo(living);
      }
      assertThat(pool.snapshot().fault()).isEmpty();
      kill(pool, 0);
      pool.watcher().awaitExit(living);
      assertThatExceptionOfType(CircuitOpenException.class)
          .isThrownBy(() -> pool.function("faulty:pid").call());
    }
  }

  @Test
  void triesOneWorkerAfterEachPauseAndHealsWhenTheCauseIsGone() throws IOException {
    try (WatchedPool pool = start(3, Duration.ofMillis(150))) {
      pool.assertWhole();
      Files.createFile(poison);
      for (int slot = 0; slot < 3; slot++) {
        kill(pool, slot);
      }
      awaitBreaker(pool, 0, BreakerState.OPEN);
      BreakerChange halfOpened = awaitBreaker(pool, 0, BreakerState.HALF_OPEN);
      int mark = pool.watcher().indexOf(halfOpened);
      BreakerChange reopened = awaitBreaker(pool, mark, BreakerState.OPEN);
      assertThat(reopened.from()).isEqualTo(BreakerState.HALF_OPEN);
      int again = pool.watcher().indexOf(reopened) + 1;
      awaitBreaker(pool, again, BreakerState.HALF_OPEN);
      BreakerChange third = awaitBreaker(pool, again, BreakerState.OPEN);
      assertThat(deathsBetween(pool, reopened, third)).as("deaths on trial").isEqualTo(1);
      Files.delete(poison);
      awaitBreaker(pool, pool.watcher().indexOf(third), BreakerState.CLOSED);
      pool.assertWhole();
      assertThat(pool.snapshot().upkeep().breaker().state()).isEqualTo(BreakerState.CLOSED);
      assertThat(pool.snapshot().upkeep().breaker().deaths()).isZero();
    }
  }

  private static long deathsBetween(WatchedPool pool, BreakerChange from, BreakerChange to) {
    PoolWatcher watcher = pool.watcher();
    return watcher.all(Exited.class).stream()
        .filter(e -> watcher.indexOf(e) > watcher.indexOf(from))
        .filter(e -> watcher.indexOf(e) < watcher.indexOf(to))
        .count();
  }

  @Test
  void servesAgainAtOnceWhenItIsResetByHand() throws IOException {
    try (WatchedPool pool = start(2, LONG)) {
      Files.createFile(poison);
      kill(pool, 0);
      kill(pool, 1);
      awaitBreaker(pool, 0, BreakerState.OPEN);
      Files.delete(poison);
      pool.pool().control().resetCrashBreaker();
      assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
      pool.assertWhole();
      assertThat(pool.watcher().all(BreakerChange.class))
          .extracting(BreakerChange::to)
          .containsExactly(BreakerState.OPEN, BreakerState.CLOSED);
    }
  }

  @Test
  void quotesTheTracebackOfAnImportThatFailsInTheWorkers() throws IOException {
    Path module = modules.resolve("breaking.py");
    Files.writeString(module, "");
    try (WatchedPool pool =
        WatchedPool.start(
            1,
            c -> settings(c, LONG).preload(List.of("breaking")).startMethod(StartMethod.SPAWN),
            modules)) {
      pool.assertWhole();
      Files.writeString(module, "raise ImportError('no such driver')\n");
      kill(pool, 0);
      awaitBreaker(pool, 0, BreakerState.OPEN);
      assertThatExceptionOfType(CircuitOpenException.class)
          .isThrownBy(() -> pool.function("faulty:add").args(1, 2).call())
          .withMessageContaining("Traceback")
          .withMessageContaining("breaking.py")
          .withMessageContaining("no such driver");
    }
  }

  @Test
  void doesNotCountWorkersThatDieOfTheirCalls() {
    try (WatchedPool pool = start(1, LONG)) {
      for (int call = 0; call < LIMIT + 3; call++) {
        assertThatExceptionOfType(org.serpentry.api.WorkerCrashedException.class)
            .isThrownBy(() -> pool.function("faulty:os_exit").call());
      }
      pool.assertWhole();
      assertThat(pool.watcher().all(BreakerChange.class)).isEmpty();
      assertThat(pool.snapshot().upkeep().breaker().deaths()).isZero();
    }
  }

  @Test
  void doesNotCountWorkersThatEndWithTheirLauncher() {
    try (WatchedPool pool = start(LIMIT + 2, LONG)) {
      Processes.signal("KILL", pool.snapshot().launcherPid());
      pool.watcher().awaitCount(Exited.class, LIMIT + 2);
      pool.assertWhole();
      assertThat(pool.watcher().all(BreakerChange.class)).isEmpty();
    }
  }

  @Test
  void saysThatAWorkerWasKilledFromOutsideAndOnlyThen() {
    try (WatchedPool pool = start(1, LONG)) {
      int first = pool.pid(0);
      int mark = pool.watcher().mark();
      Processes.signal("KILL", first);
      assertThat(pool.watcher().awaitExit(first).how())
          .isEqualTo("signal SIGKILL (killed from outside)");
      pool.watcher().awaitReady(mark, 0);
      int second = kill(pool, 0);
      assertThat(pool.watcher().awaitExit(second).how()).isEqualTo("signal SIGKILL");
    }
  }
}
