// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonType;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.StartMethod;
import org.serpentry.original.Original;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.Processes;

/** Many callers at once: everyone gets the answer to the own question, or a typed failure. */
@Original("pool_v2")
@Tag("core-pool")
@Tag("layer-2")
class TrafficTest {

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};

  /** Runs a task in many threads at once, each with its number, and fails as the first of them. */
  private static void inThreads(int threads, IntConsumer task) {
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int number = t;
      CompletableFuture<Void> end = new CompletableFuture<>();
      ends.add(end);
      new Thread(
              () -> {
                try {
                  task.accept(number);
                  end.complete(null);
                } catch (RuntimeException | Error e) {
                  end.completeExceptionally(e);
                }
              })
          .start();
    }
    ends.forEach(end -> end.orTimeout(60, TimeUnit.SECONDS).join());
  }

  @Test
  void givesEachOfTwentyThousandCallsItsOwnAnswer() {
    int threads = 32;
    int calls = 20_000;
    AtomicInteger next = new AtomicInteger();
    try (WatchedPool pool = WatchedPool.start(2, c -> c)) {
      var pids = pool.assertWhole();
      long before = pool.snapshot().calls().succeeded();
      PythonFunction echo = pool.function("faulty:echo");
      inThreads(
          threads,
          number -> {
            for (int call = next.getAndIncrement(); call < calls; call = next.getAndIncrement()) {
              String token = number + ":" + call;
              if (call % 4 == 0) {
                assertThat(echo.args(token).callAsync(String.class).join()).isEqualTo(token);
              } else {
                assertThat(echo.args(token).call(String.class)).isEqualTo(token);
              }
            }
          });
      assertThat(pool.snapshot().calls().succeeded()).isEqualTo(before + calls);
      assertThat(pool.assertWhole()).isEqualTo(pids);
    }
  }

  @ParameterizedTest
  @EnumSource(StartMethod.class)
  void misdeliversNothingWhenRepliesCrossTheirCancellation(StartMethod method) {
    LongAdder answered = new LongAdder();
    LongAdder timedOut = new LongAdder();
    LongAdder cancelled = new LongAdder();
    try (WatchedPool pool =
        WatchedPool.start(2, c -> c.startMethod(method).cancelGrace(Duration.ofSeconds(20)))) {
      var pids = pool.assertWhole();
      PythonFunction echo = pool.function("pooled:token");
      inThreads(
          8,
          number -> {
            RandomGenerator random = RandomGeneratorFactory.of("Random").create(number);
            for (int call = 0; call < 250; call++) {
              String token = number + ":" + call;
              double seconds = random.nextDouble() * 0.003;
              Duration patience = Duration.ofNanos(200_000 + random.nextLong(3_000_000));
              PythonFunction request = echo.args(token, seconds);
              if (call % 3 == 0) {
                CompletableFuture<Map<String, Object>> future = request.callAsync(OBJECT);
                future.orTimeout(patience.toNanos(), TimeUnit.NANOSECONDS);
                try {
                  assertThat(future.join()).containsEntry("token", token);
                  answered.increment();
                } catch (java.util.concurrent.CompletionException
                    | java.util.concurrent.CancellationException e) {
                  future.cancel(true);
                  cancelled.increment();
                }
                CompletableFuture<Map<String, Object>> dropped = request.callAsync(OBJECT);
                dropped.cancel(true);
                assertThat(dropped.isDone()).isTrue();
              } else {
                try {
                  assertThat(request.timeout(patience).call(OBJECT)).containsEntry("token", token);
                  answered.increment();
                } catch (CallTimeoutException | CallCancelledException e) {
                  timedOut.increment();
                }
              }
            }
          });
      assertThat(pool.assertWhole()).as("cancelling cost no worker").isEqualTo(pids);
      assertThat(answered.sum()).isPositive();
      assertThat(timedOut.sum()).isPositive();
      assertThat(cancelled.sum()).isPositive();
      assertThat(pool.snapshot().calls().workerFailures()).isZero();
      assertThat(pool.watcher().all(PoolWatcher.Exited.class)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(StartMethod.class)
  void survivesTheUsualFaultsWithEitherStartMethod(StartMethod method) {
    try (WatchedPool pool = WatchedPool.start(1, c -> c.startMethod(method))) {
      int first = pool.assertWhole().iterator().next();
      assertThatExceptionOfType(CallTimeoutException.class)
          .isThrownBy(() -> pool.function("faulty:spin").timeout(Duration.ofMillis(100)).call());
      assertThat(pool.assertWhole()).containsExactly(first);
      int mark = pool.watcher().mark();
      assertThatExceptionOfType(WorkerCrashedException.class)
          .isThrownBy(() -> pool.function("faulty:segfault").call())
          .satisfies(e -> assertThat(e.exit()).hasToString("signal SIGSEGV"));
      pool.watcher().awaitReady(mark, 0);
      int second = pool.assertWhole().iterator().next();
      assertThat(second).isNotEqualTo(first);
      Processes.signal("KILL", second);
      assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
      pool.function("faulty:print_storm").args(1_000_000).call();
      assertThat(pool.assertWhole()).doesNotContain(first, second);
    }
  }
}
