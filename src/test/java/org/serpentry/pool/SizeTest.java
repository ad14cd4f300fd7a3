// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.PoolSuspendedException;
import org.serpentry.api.WorkerState;
import org.serpentry.spi.PoolListener;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.worker.Worker;

/** Overflow, resizing, recycling and suspension while calls run: none of them fails a call. */
@Tag("core-pool")
@Tag("layer-2")
class SizeTest {

  private static void awaitReady(WatchedPool pool, int mark, int slot) {
    pool.watcher().awaitReady(mark, slot);
  }

  private static void awaitGone(WatchedPool pool, int mark, int slot) {
    pool.watcher()
        .awaitAfter(mark, PoolWatcher.Exited.class, e -> e.worker().slot() == slot && e.expected());
  }

  @Test
  void growsUnderWaitingLoadAndRetiresTheOverflowOnceItIsIdle() {
    try (WatchedPool pool =
        WatchedPool.start(1, c -> c.maxSize(3).idleTimeout(Duration.ofMillis(400)))) {
      assertThat(pool.snapshot().workers()).hasSize(1);
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        calls.add(pool.function("pooled:hold").args(0.4).callAsync(String.class));
      }
      awaitReady(pool, 0, 1);
      awaitReady(pool, 0, 2);
      assertThat(pool.snapshot().workers()).hasSize(3);
      calls.forEach(call -> assertThat(call.join()).isEqualTo("held"));
      awaitGone(pool, 0, 1);
      awaitGone(pool, 0, 2);
      pool.assertWhole();
      assertThat(pool.snapshot().workers()).hasSize(1);
    }
  }

  @Test
  void resizesUpAndDownWhileCallsRunAndFailsNone() {
    try (WatchedPool pool = WatchedPool.start(2, c -> c)) {
      try (Load load = new Load(pool, 4)) {
        assertThat(load).isNotNull();
        for (int round = 0; round < 3; round++) {
          int mark = pool.watcher().mark();
          pool.pool().control().resize(4);
          awaitReady(pool, mark, 2);
          awaitReady(pool, mark, 3);
          pool.pool().control().resize(1);
          awaitGone(pool, mark, 1);
          awaitGone(pool, mark, 2);
          awaitGone(pool, mark, 3);
          pool.pool().control().resize(2);
          awaitReady(pool, mark, 1);
        }
      }
      pool.assertWhole();
      assertThat(pool.snapshot().calls().workerFailures()).isZero();
      assertThat(pool.snapshot().calls().retries()).isZero();
    }
  }

  @Test
  void doesNotKeepTheReplacementOfAWorkerThatWasResizedAway() {
    try (WatchedPool pool = WatchedPool.start(2, c -> c)) {
      int mark = pool.watcher().mark();
      pool.pool().control().recycleWorker(1);
      pool.pool().control().resize(1);
      pool.watcher().awaitCount(PoolWatcher.Exited.class, 2);
      assertThat(pool.watcher().mark()).isGreaterThan(mark);
      pool.assertWhole();
      assertThat(pool.snapshot().workers()).hasSize(1);
    }
  }

  @Test
  void refusesSizesOutOfRange() {
    try (WatchedPool pool = WatchedPool.start(1, c -> c)) {
      for (int size : new int[] {0, -1, 10_001}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> pool.pool().control().resize(size))
            .withMessageContaining(Integer.toString(size).replace("10001", "10,000"));
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pool.pool().control().recycleWorker(7))
          .withMessageContaining("7");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pool.pool().control().killWorker(7))
          .withMessageContaining("7");
    }
  }

  @Test
  void recyclesOneByOneWhileCallsRunAndFailsNone() {
    try (WatchedPool pool = WatchedPool.start(3, c -> c)) {
      Set<Integer> before = pool.assertWhole();
      try (Load load = new Load(pool, 4)) {
        assertThat(load).isNotNull();
        pool.pool().control().recycleWorkersOneByOne().orTimeout(20, TimeUnit.SECONDS).join();
      }
      pool.watcher().awaitCount(PoolWatcher.Exited.class, 3);
      assertThat(pool.assertWhole()).doesNotContainAnyElementsOf(before);
      assertThat(pool.watcher().all(PoolWatcher.Exited.class))
          .allMatch(PoolWatcher.Exited::expected)
          .allMatch(e -> e.how().equals("exit code 0"));
      assertThat(pool.snapshot().calls().workerFailures()).isZero();
    }
  }

  @Test
  void letsARecycledWorkerFinishItsCall() {
    try (WatchedPool pool = WatchedPool.start(1, c -> c)) {
      int before = pool.pid(0);
      CompletableFuture<String> running =
          pool.function("pooled:hold").args(0.5).callAsync(String.class);
      pool.watcher().awaitProgress(0, "holding");
      int mark = pool.watcher().mark();
      pool.pool().control().recycleWorker(0);
      awaitReady(pool, mark, 0);
      assertThat(pool.function("faulty:pid").call(Integer.class)).isNotEqualTo(before);
      assertThat(running.join()).isEqualTo("held");
      assertThat(pool.watcher().awaitExit(before).how()).isEqualTo("exit code 0");
      assertThat(pool.assertWhole()).doesNotContain(before);
    }
  }

  @Test
  void replacesAWorkerThatAnOperatorKilled() {
    try (WatchedPool pool = WatchedPool.start(2, c -> c)) {
      int victim = pool.pid(1);
      int mark = pool.watcher().mark();
      pool.pool().control().killWorker(1);
      assertThat(pool.watcher().awaitExit(victim).how()).isEqualTo("signal SIGKILL");
      awaitReady(pool, mark, 1);
      assertThat(pool.assertWhole()).doesNotContain(victim);
      assertThat(pool.pool().control().history(1))
          .extracting(org.serpentry.api.Transition::to)
          .containsExactly(WorkerState.READY);
    }
  }

  @Test
  void suspendsAndResumesWhileACallRuns() {
    try (WatchedPool pool = WatchedPool.start(1, c -> c)) {
      CompletableFuture<String> running =
          pool.function("pooled:hold").args(0.3).callAsync(String.class);
      pool.watcher().awaitProgress(0, "holding");
      CompletableFuture<String> waiting =
          pool.function("pooled:hold").args(0.3).callAsync(String.class);
      pool.pool().control().suspend();
      assertThat(waiting.handle((v, e) -> e).join()).isInstanceOf(PoolSuspendedException.class);
      assertThatExceptionOfType(PoolSuspendedException.class)
          .isThrownBy(() -> pool.function("faulty:add").args(1, 2).call());
      assertThat(running.join()).isEqualTo("held");
      assertThat(pool.snapshot().suspended()).isTrue();
      pool.pool().control().resume();
      assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
      pool.assertWhole();
    }
  }

  @Test
  void hidesNothingFromTheSnapshotOfARunningCall() {
    try (WatchedPool pool = WatchedPool.start(1, c -> c)) {
      Worker leased = pool.lease();
      assertThat(pool.snapshot().states()).containsEntry(WorkerState.BUSY, 1);
      pool.pool().giveBack(leased);
      CompletableFuture<String> running =
          pool.function("pooled:hold").args(0.2).callAsync(String.class);
      long request = pool.watcher().awaitProgress(0, "holding").requestId();
      PoolSnapshot.SlotView view = pool.snapshot().workers().get(0);
      assertThat(view.function()).isEqualTo("pooled:hold");
      assertThat(view.requestId()).isEqualTo(request);
      assertThat(running.join()).isEqualTo("held");
    }
  }

  @Test
  void backsOffWhereOverflowDiesAtItsStart(@TempDir Path modules) throws IOException {
    Path poison = modules.resolve("poison");
    Files.writeString(
        modules.resolve("poisoned.py"),
        """
        import os
        def die():
            if os.path.exists(%s):
                os._exit(41)
        os.register_at_fork(after_in_child=die)
        """
            .formatted("'" + poison + "'"));
    Duration pause = Duration.ofMinutes(10);
    try (WatchedPool pool =
        WatchedPool.start(
            1,
            c ->
                c.maxSize(3)
                    .preload(List.of("poisoned"))
                    .restartBackoffMin(pause)
                    .restartBackoffMax(pause),
            modules)) {
      Files.createFile(poison);
      CompletableFuture<String> running =
          pool.function("pooled:hold").args(1.0).callAsync(String.class);
      pool.watcher().awaitProgress(0, "holding");
      CompletableFuture<String> waiting =
          pool.function("pooled:hold").args(0.01).callAsync(String.class);
      pool.watcher().awaitCount(PoolWatcher.Exited.class, 2);
      assertThat(running.join()).isEqualTo("held");
      assertThat(waiting.join()).isEqualTo("held");
      assertThat(pool.watcher().all(PoolWatcher.Exited.class)).hasSize(2);
    }
  }

  @Test
  void obeysAListenerThatChangesThePool() {
    CompletableFuture<Throwable> asked = new CompletableFuture<>();
    try (WatchedPool pool = WatchedPool.start(2, c -> c)) {
      pool.pool()
          .attach(
              new PoolListener() {
                @Override
                public void onWorkerExit(WorkerRef worker, String how, boolean expected) {
                  try {
                    pool.pool().control().resize(3);
                    asked.complete(null);
                  } catch (RuntimeException | Error e) {
                    asked.complete(e);
                  }
                }
              });
      int mark = pool.watcher().mark();
      pool.pool().control().killWorker(0);
      awaitReady(pool, mark, 2);
      assertThat(asked.join()).isNull();
      pool.assertWhole();
    }
  }
}
