// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.WorkerState;
import org.serpentry.testing.PoolWatcher.Moved;
import org.serpentry.testing.PoolWatcher.Recycled;

/** When workers beyond size come and when they go. */
@Tag("core-pool")
@Tag("layer-2")
class OverflowTest {

  private static WatchedPool start(Duration delay, Duration idle) {
    return WatchedPool.start(
        1, c -> c.maxSize(2).idleTimeout(idle).life(l -> l.overflowDelay(delay)));
  }

  private static CompletableFuture<String> hold(WatchedPool pool, double seconds) {
    return pool.function("pooled:hold").args(seconds).callAsync(String.class);
  }

  @Test
  void startsNoWorkerForCallsThatAreServedBeforeTheDelay() {
    try (WatchedPool pool = start(Duration.ofMinutes(10), Duration.ZERO)) {
      CompletableFuture<String> first = hold(pool, 0.1);
      CompletableFuture<String> second = hold(pool, 0.1);
      CompletableFuture<String> third = hold(pool, 0.01);
      assertThat(first.join()).isEqualTo("held");
      assertThat(second.join()).isEqualTo("held");
      assertThat(third.join()).isEqualTo("held");
      assertThat(pool.watcher().all(Moved.class)).hasSize(1);
      assertThat(pool.snapshot().workers()).hasSize(1);
    }
  }

  @Test
  void startsAWorkerOnceACallHasWaitedForTheDelay() {
    try (WatchedPool pool = start(Duration.ofMillis(20), Duration.ZERO)) {
      CompletableFuture<String> running = hold(pool, 60);
      pool.watcher().awaitProgress(0, "holding");
      assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
      assertThat(pool.snapshot().workers()).hasSize(2);
      running.cancel(true);
    }
  }

  @Test
  void startsAWorkerAtOnceWithoutDelay() {
    try (WatchedPool pool = start(Duration.ZERO, Duration.ZERO)) {
      CompletableFuture<String> running = hold(pool, 60);
      pool.watcher().awaitProgress(0, "holding");
      assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
      running.cancel(true);
    }
  }

  @Test
  void retiresAWorkerThoughTheOverflowIsTheWarmestOfThem() {
    try (WatchedPool pool = start(Duration.ZERO, Duration.ofMillis(400))) {
      CompletableFuture<String> shorter = hold(pool, 0.3);
      pool.watcher().awaitProgress(0, "holding");
      int mark = pool.watcher().mark();
      CompletableFuture<String> longer = hold(pool, 0.6);
      pool.watcher().awaitProgress(mark, "holding");
      assertThat(shorter.join()).isEqualTo("held");
      assertThat(longer.join()).isEqualTo("held");
      Recycled retired;
      try (Load load = new Load(pool, 1)) {
        assertThat(load).isNotNull();
        retired = pool.watcher().await(Recycled.class, r -> r.worker().slot() == 1);
      }
      assertThat(retired.reason().limit()).isEqualTo("idle-timeout");
      pool.watcher().await(Moved.class, m -> gone(m, retired));
      pool.assertWhole();
      assertThat(pool.snapshot().upkeep().recycled()).containsEntry("idle-timeout", 1L);
    }
  }

  private static boolean gone(Moved moved, Recycled retired) {
    return moved.worker().worker() == retired.worker().worker()
        && moved.transition().to() == WorkerState.TERMINATED;
  }
}
