// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.PythonPoolException;
import org.serpentry.testing.PoolWatcher;

/** Many threads and many calls on few workers: every answer reaches its own caller. */
@Tag("core-pool")
@Tag("layer-2")
class SharedTrafficTest {

  private static final int THREADS = 16;
  private static final int CALLS = 1_000;

  private interface Caller {
    void call(int thread, int number);
  }

  private static void run(Caller caller) {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int own = thread;
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int number = 0; number < CALLS; number++) {
                    caller.call(own, number);
                  }
                },
                threads));
      }
      all.forEach(t -> t.orTimeout(120, TimeUnit.SECONDS).join());
    } finally {
      threads.shutdownNow();
    }
  }

  private static WatchedPool pool(int places) {
    return WatchedPool.start(
        2,
        c ->
            c.queueCapacity(1_000)
                .healthCheckInterval(Duration.ofMillis(20))
                .life(l -> l.callsPerWorker(places)));
  }

  @Test
  void everyAnswerReachesItsCaller() {
    try (WatchedPool pool = pool(8)) {
      run(
          (thread, number) -> {
            String token = thread + "/" + number;
            String target = number % 3 == 0 ? "several:echo_async" : "several:echo";
            String answer =
                number % 5 == 0
                    ? pool.function(target).args(token).callAsync(String.class).join()
                    : pool.function(target).args(token).call(String.class);
            assertThat(answer).isEqualTo(token);
          });
      assertThat(pool.snapshot().calls().succeeded()).isEqualTo((long) THREADS * CALLS);
      assertThat(pool.watcher().all(PoolWatcher.Exited.class)).isEmpty();
    }
  }

  @Test
  void waitersGetPlacesWhenThereAreFewerThanCallers() {
    try (WatchedPool pool = pool(2)) {
      run(
          (thread, number) -> {
            String token = thread + "/" + number;
            assertThat(pool.function("several:echo").args(token).call(String.class))
                .isEqualTo(token);
          });
    }
  }

  @Test
  void deadlinesAndCancellationsAtAnyMomentNeverReachAnotherCall() {
    AtomicInteger answered = new AtomicInteger();
    AtomicInteger late = new AtomicInteger();
    try (WatchedPool pool = pool(8)) {
      Random[] moments = new Random[THREADS];
      for (int thread = 0; thread < THREADS; thread++) {
        moments[thread] = new Random(thread);
      }
      run(
          (thread, number) -> {
            String token = thread + "/" + number;
            String target = number % 2 == 0 ? "faulty:raise_and_return" : "faulty:async_echo";
            var call = pool.function(target).args(token);
            if (number % 4 == 3) {
              CompletableFuture<String> future = call.callAsync(String.class);
              for (int spin = moments[thread].nextInt(20_000); spin > 0; spin--) {
                Thread.onSpinWait();
              }
              future.cancel(true);
              return;
            }
            try {
              Duration timeout = Duration.ofNanos(1_000L * (100 + moments[thread].nextInt(4_000)));
              assertThat(call.timeout(timeout).call(String.class)).isEqualTo(token);
              answered.incrementAndGet();
            } catch (CallTimeoutException e) {
              late.incrementAndGet();
            } catch (PythonPoolException e) {
              throw new AssertionError("neither answered nor late", e);
            }
          });
      assertThat(answered.get()).isPositive();
      assertThat(late.get()).isPositive();
      assertThat(pool.snapshot().ladder()).containsEntry("abandon", 0L);
      assertThat(pool.watcher().all(PoolWatcher.Exited.class)).isEmpty();
      assertThat(pool.function("several:echo").args("alive").call(String.class)).isEqualTo("alive");
    }
  }
}
