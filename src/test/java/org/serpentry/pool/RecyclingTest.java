// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.WorkerState;
import org.serpentry.config.LifeConfigBuilder;
import org.serpentry.spi.PoolListener.CallEnd;
import org.serpentry.testing.PoolWatcher.Exited;
import org.serpentry.testing.PoolWatcher.Recycled;

/** Workers that have reached a limit are replaced while calls run, and no call notices. */
@Tag("core-pool")
@Tag("layer-2")
class RecyclingTest {

  private static final Duration OFTEN = Duration.ofMillis(30);

  private static WatchedPool start(int size, InService count, Consumer<LifeConfigBuilder> life) {
    return WatchedPool.start(size, c -> c.life(life), b -> b.listener(count));
  }

  @Test
  void replacesWorkersAtTheirMaxRequestsUnderLoadAndCapacityNeverDrops() {
    InService count = new InService(3);
    try (WatchedPool pool = start(3, count, l -> l.maxRequests(20).recycleJitter(50))) {
      try (Load load = new Load(pool, 6)) {
        assertThat(load).isNotNull();
        pool.watcher().awaitCount(Recycled.class, 12);
      }
      pool.assertWhole();
      assertThat(pool.watcher().all(Recycled.class))
          .allMatch(r -> r.reason().limit().equals("max-requests"))
          .allMatch(r -> Integer.parseInt(r.reason().bound()) <= 20)
          .allMatch(
              r -> Integer.parseInt(r.reason().value()) >= Integer.parseInt(r.reason().bound()));
      assertThat(pool.snapshot().upkeep().recycled().get("max-requests"))
          .isGreaterThanOrEqualTo(12);
      assertThat(pool.snapshot().calls().workerFailures()).isZero();
      assertThat(pool.snapshot().calls().retries()).isZero();
      assertThat(count.fewest()).isEqualTo(3);
      assertThat(count.mostStaying()).as("one at a time").isEqualTo(4);
    }
  }

  @Test
  void replacesOneAtATimeWhenAllHaveReachedTheirMaxAgeAtOnce() {
    InService count = new InService(3);
    try (WatchedPool pool =
        start(
            3,
            count,
            l -> l.maxAge(Duration.ofMillis(300)).memoryCheckInterval(OFTEN).recycleJitter(0))) {
      Set<Integer> before = pool.assertWhole();
      pool.watcher().awaitCount(Recycled.class, 3);
      assertThat(pool.watcher().all(Recycled.class))
          .allMatch(r -> r.reason().limit().equals("max-age"));
      assertThat(pool.watcher().all(Recycled.class).subList(0, 3))
          .extracting(r -> r.worker().pid())
          .containsExactlyInAnyOrderElementsOf(before);
      assertThat(count.fewest()).isEqualTo(3);
      assertThat(count.mostStaying()).isEqualTo(4);
    }
  }

  @Test
  void replacesAWorkerThatLeaksWhileItsCallStillRuns() {
    InService count = new InService(1);
    try (WatchedPool pool =
        start(1, count, l -> l.maxRss(90L << 20).memoryCheckInterval(OFTEN).recycleJitter(0))) {
      int before = pool.pid(0);
      CompletableFuture<Integer> running =
          pool.function("pooled:leak").args(120 << 20, 1.0).callAsync(Integer.class);
      Recycled recycled = pool.watcher().await(Recycled.class, r -> r.worker().pid() == before);
      assertThat(running.join()).isEqualTo(120 << 20);
      assertThat(recycled.reason().limit()).isEqualTo("max-rss");
      assertThat(recycled.reason().bound()).isEqualTo("90.0MiB");
      CallEnd end = pool.watcher().await(CallEnd.class, e -> e.target().equals("pooled:leak"));
      assertThat(pool.watcher().indexOf(recycled)).isLessThan(pool.watcher().indexOf(end));
      assertThat(pool.watcher().awaitExit(before).how()).isEqualTo("exit code 0");
      assertThat(pool.function("pooled:leak").args(1).call(Integer.class)).isEqualTo(1);
      assertThat(count.fewest()).isEqualTo(1);
    }
  }

  @Test
  void showsTheMemoryOfIdleAndBusyWorkersAtTheLastLookWithoutAnyLimit() {
    try (WatchedPool pool = start(2, new InService(2), l -> {})) {
      CompletableFuture<String> running =
          pool.function("pooled:hold").args(60).callAsync(String.class);
      pool.watcher().awaitProgress(0, "holding");
      assertThat(pool.snapshot().workers()).allMatch(w -> w.rss() == 0);
      CompletableFuture.runAsync(
              () -> pool.pool().crew().recycling().look(), pool.pool().context().reactor())
          .join();
      assertThat(pool.snapshot().states())
          .containsEntry(WorkerState.BUSY, 1)
          .containsEntry(WorkerState.READY, 1);
      assertThat(pool.snapshot().workers()).allMatch(w -> w.rss() > 4 << 20);
      running.cancel(true);
    }
  }

  @Test
  void endsTheOldWorkerFirstWithoutOverlapAndOneAtATime() {
    InService count = new InService(3);
    try (WatchedPool pool =
        start(
            3,
            count,
            l ->
                l.recycleOverlap(false)
                    .maxAge(Duration.ofMillis(200))
                    .memoryCheckInterval(OFTEN)
                    .recycleJitter(0))) {
      try (Load load = new Load(pool, 3)) {
        assertThat(load).isNotNull();
        pool.watcher().awaitCount(Recycled.class, 9);
      }
      assertThat(pool.snapshot().calls().workerFailures()).isZero();
      assertThat(count.fewest()).isEqualTo(2);
      assertThat(count.mostStaying()).isEqualTo(3);
    }
  }

  @Test
  void keepsTheOldWorkerWhileItsReplacementDoesNotStart(@TempDir Path modules) throws IOException {
    Path poison = Poison.into(modules);
    try (WatchedPool pool =
        WatchedPool.start(
            1,
            c ->
                c.preload(List.of("poisoned"))
                    .restartBackoffMin(OFTEN)
                    .restartBackoffMax(OFTEN)
                    .life(l -> l.maxRequests(3).recycleJitter(0).crashLimit(0)),
            modules)) {
      Files.createFile(poison);
      int before = pool.pid(0);
      for (int call = 0; call < 3; call++) {
        pool.function("faulty:pid").call(Integer.class);
      }
      pool.watcher().awaitCount(Exited.class, 3);
      assertThat(pool.watcher().all(Exited.class)).allMatch(e -> e.how().equals("exit code 41"));
      assertThat(pool.function("faulty:pid").call(Integer.class)).isEqualTo(before);
      assertThat(pool.watcher().all(Recycled.class)).isEmpty();
      Files.delete(poison);
      Recycled recycled = pool.watcher().await(Recycled.class, r -> r.worker().pid() == before);
      assertThat(recycled.reason().limit()).isEqualTo("max-requests");
      assertThat(pool.function("faulty:pid").call(Integer.class)).isNotEqualTo(before);
    }
  }

  @Test
  void saysWhichWorkersItCouldNotReplaceOneByOne(@TempDir Path modules) throws IOException {
    Path poison = Poison.into(modules);
    try (WatchedPool pool = WatchedPool.start(2, c -> c.preload(List.of("poisoned")), modules)) {
      Set<Integer> before = pool.assertWhole();
      Files.createFile(poison);
      CompletableFuture<Void> failing = pool.pool().control().recycleWorkersOneByOne();
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(() -> failing.orTimeout(30, TimeUnit.SECONDS).join())
          .withCauseInstanceOf(IllegalStateException.class)
          .withMessageContaining("slot 0: its replacement failed: exit code 41")
          .withMessageContaining("slot 1: its replacement failed: exit code 41");
      assertThat(pool.assertWhole()).isEqualTo(before);
      Files.delete(poison);
      pool.pool().control().recycleWorkersOneByOne().orTimeout(30, TimeUnit.SECONDS).join();
      assertThat(pool.assertWhole()).doesNotContainAnyElementsOf(before);
      assertThat(pool.snapshot().upkeep().recycled()).containsEntry("operator", 2L);
    }
  }
}
