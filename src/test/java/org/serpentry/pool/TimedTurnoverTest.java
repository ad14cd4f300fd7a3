// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.testing.PoolWatcher.Exited;
import org.serpentry.testing.PoolWatcher.Recycled;
import org.serpentry.testing.Processes;
import org.serpentry.worker.Launcher;
import org.serpentry.worker.Worker;

/** Pauses between restarts and the end of overflow, at the hand of a clock that the test moves. */
@Tag("core-pool")
@Tag("layer-2")
class TimedTurnoverTest {

  private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();

  private final AtomicLong nanos = new AtomicLong();
  private final List<Runnable> jumps = new CopyOnWriteArrayList<>();

  /** Returns when what fell due has been done. */
  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    jumps.forEach(Runnable::run);
  }

  /** Nothing is due in such a pool but what the test is about. */
  private WatchedPool start(UnaryOperator<PoolConfigBuilder> settings, Path... roots) {
    PoolConfigBuilder config =
        TestPools.config()
            .startTimeout(Duration.ofHours(1))
            .checkoutTimeout(Duration.ofHours(1))
            .operationTimeout(Duration.ofHours(1))
            .termGrace(Duration.ofHours(1))
            .healthCheckInterval(Duration.ZERO);
    return WatchedPool.start(
        TestPools.builder(settings.apply(config).build(), roots),
        b ->
            b.clocks(Clock.systemUTC(), nanos::get, jumps::add)
                .launcherWatch(new Launcher.Watch(HOUR_MILLIS, HOUR_MILLIS)));
  }

  private static void awaitDeaths(WatchedPool pool, int count) {
    pool.watcher().awaitCount(Exited.class, count);
    // The slot is dealt with after the listeners, in the same task of the control thread.
    onReactor(pool, () -> {});
  }

  private static void onReactor(WatchedPool pool, Runnable task) {
    CompletableFuture.runAsync(task, pool.pool().context().reactor()).join();
  }

  private static boolean empty(WatchedPool pool) {
    CompletableFuture<Boolean> empty = new CompletableFuture<>();
    onReactor(pool, () -> empty.complete(pool.pool().crew().slot(0).empty()));
    return empty.join();
  }

  @Test
  void restartsAtOnceThenPausesAndForgetsAfterAHealthyMinute(@TempDir Path modules)
      throws IOException {
    Path poison = Poison.into(modules);
    try (WatchedPool pool =
        start(
            c ->
                c.preload(List.of("poisoned"))
                    .restartBackoffMin(Duration.ofSeconds(10))
                    .restartBackoffMax(Duration.ofSeconds(60)),
            modules)) {
      Files.createFile(poison);
      pool.pool().control().killWorker(0);
      awaitDeaths(pool, 3); // The killed one, its replacement, and the immediate restart.
      assertThat(empty(pool)).isTrue();
      pass(Duration.ofMillis(7_400)); // Jitter takes a quarter at most.
      assertThat(empty(pool)).isTrue();
      pass(Duration.ofMillis(2_600));
      awaitDeaths(pool, 4);
      pass(Duration.ofSeconds(14));
      assertThat(empty(pool)).as("the pause has doubled").isTrue();
      Files.delete(poison);
      int mark = pool.watcher().mark();
      pass(Duration.ofSeconds(6));
      pool.watcher().awaitReady(mark, 0);

      pass(Duration.ofSeconds(59));
      Files.createFile(poison);
      Processes.signal("KILL", pool.pid(0));
      awaitDeaths(pool, 5);
      assertThat(empty(pool)).as("59 s are no healthy minute").isTrue();
      Files.delete(poison);
      mark = pool.watcher().mark();
      pass(Duration.ofSeconds(60));
      pool.watcher().awaitReady(mark, 0);

      pass(Duration.ofSeconds(60));
      mark = pool.watcher().mark();
      Processes.signal("KILL", pool.pid(0));
      pool.watcher().awaitReady(mark, 0); // No time has passed.
      assertThat(pool.pool().crew().slot(0).earlyDeaths()).isZero();
    }
  }

  @Test
  void retiresIdleOverflowOneByOne() {
    Duration quarter = Duration.ofSeconds(15);
    try (WatchedPool pool =
        start(
            c ->
                c.maxSize(3)
                    .idleTimeout(quarter.multipliedBy(4))
                    .life(l -> l.overflowDelay(Duration.ZERO).recycleJitter(0)))) {
      List<Worker> leased = List.of(pool.lease(), pool.lease(), pool.lease());
      leased.forEach(pool.pool()::giveBack);
      for (int look = 1; look <= 3; look++) {
        pass(quarter);
      }
      assertThat(pool.watcher().all(Recycled.class)).isEmpty();
      pass(quarter);
      assertThat(pool.watcher().all(Recycled.class)).hasSize(1);
      pass(quarter);
      assertThat(pool.watcher().all(Recycled.class)).hasSize(2);
      for (int look = 1; look <= 8; look++) {
        pass(quarter);
      }
      assertThat(pool.watcher().all(Recycled.class))
          .as("the pool keeps its size")
          .hasSize(2)
          .allMatch(r -> r.reason().limit().equals("idle-timeout"))
          .allMatch(r -> r.worker().slot() > 0);
      awaitDeaths(pool, 2);
      pool.assertWhole();
    }
  }

  @Test
  void doesNotRetireOverflowThatRunsALongCall() {
    Duration idle = Duration.ofSeconds(60);
    try (WatchedPool pool =
        start(
            c ->
                c.maxSize(2)
                    .idleTimeout(idle)
                    .life(l -> l.overflowDelay(Duration.ZERO).recycleJitter(0)))) {
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int call = 0; call < 2; call++) {
        int mark = pool.watcher().mark();
        calls.add(pool.function("pooled:hold").args(60).callAsync(String.class));
        pool.watcher().awaitProgress(mark, "holding");
      }
      for (int look = 1; look <= 12; look++) {
        pass(idle.dividedBy(4));
      }
      assertThat(pool.watcher().all(Recycled.class)).isEmpty();
      calls.forEach(call -> call.cancel(true));
    }
  }
}
