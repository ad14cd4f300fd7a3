// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.PythonType;
import org.serpentry.api.QueueFullException;

/** A thousand callers on two workers: the queue has a bound, and nobody in it starves. */
@Tag("core-pool")
@Tag("layer-2")
class CrowdTest {

  private static final int CALLERS = 1_000;
  private static final int ROUNDS = 6;
  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};
  private static final double FAIR = 2.2;

  /** Runs a task in as many threads as there are callers, all at once. */
  private static void allAtOnce(Runnable task) {
    CountDownLatch begin = new CountDownLatch(1);
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      CompletableFuture<Void> end = new CompletableFuture<>();
      ends.add(end);
      new Thread(
              () -> {
                try {
                  begin.await();
                  task.run();
                  end.complete(null);
                } catch (InterruptedException | RuntimeException | Error e) {
                  end.completeExceptionally(e);
                }
              })
          .start();
    }
    begin.countDown();
    ends.forEach(end -> end.orTimeout(120, TimeUnit.SECONDS).join());
  }

  @Test
  void whoFindsTheQueueFullIsRefusedAtOnceAndEverybodyInItIsServed() {
    int capacity = 600;
    try (WatchedPool pool = WatchedPool.start(2, c -> c.queueCapacity(capacity))) {
      List<CompletableFuture<Object>> held =
          IntStream.range(0, 2)
              .mapToObj(
                  i -> pool.function("several:wait_for").args("crowd").callAsync(Object.class))
              .toList();
      LongAdder served = new LongAdder();
      LongAdder refused = new LongAdder();
      CountDownLatch turnedAway = new CountDownLatch(CALLERS - capacity);
      CompletableFuture<Void> letGo =
          CompletableFuture.runAsync(
              () -> {
                try {
                  assertThat(turnedAway.await(60, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
                assertThat(pool.snapshot().waiting()).isEqualTo(capacity);
                held.forEach(call -> call.cancel(true));
              });
      allAtOnce(
          () -> {
            try {
              String name = Thread.currentThread().getName();
              assertThat(pool.function("several:echo").args(name).call(String.class))
                  .isEqualTo(name);
              served.increment();
            } catch (QueueFullException e) {
              assertThat(e).hasMessageContaining(Integer.toString(capacity));
              assertThat(e.isTransient()).isTrue();
              refused.increment();
              turnedAway.countDown();
            }
          });
      letGo.join();
      assertThat(served.sum()).isEqualTo(capacity);
      assertThat(refused.sum()).isEqualTo(CALLERS - capacity);
      assertThat(pool.snapshot().calls().rejected()).isEqualTo(CALLERS - capacity);
      assertThat(pool.snapshot().waiting()).isZero();
      pool.assertWhole();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void nobodyWaitsMuchLongerThanAnybodyElse(int places) {
    try (WatchedPool pool =
        WatchedPool.start(
            2, c -> c.queueCapacity(CALLERS).life(life -> life.callsPerWorker(places)))) {
      // Long enough that it is the queue that decides how long anybody waits. With a bare echo the
      // crowd is served within 60 to 180 ms, and what else the machine does decides: at a load of
      // 10, with 8 places, six runs gave 1.55 to 2.6.
      double seconds = places / 1e3;
      LongAdder sum = new LongAdder();
      LongAccumulator longest = new LongAccumulator(Math::max, 0);
      allAtOnce(
          () -> {
            for (int round = 0; round < ROUNDS; round++) {
              String token = Thread.currentThread().getName() + "/" + round;
              var call = pool.function("pooled:token").args(token, seconds);
              long begin = System.nanoTime();
              Map<String, Object> answer =
                  round % 3 == 2 ? call.callAsync(OBJECT).join() : call.call(OBJECT);
              long took = System.nanoTime() - begin;
              assertThat(answer).containsEntry("token", token);
              sum.add(took);
              longest.accumulate(took);
            }
          });
      double mean = sum.sum() / (double) (CALLERS * ROUNDS);
      assertThat(longest.get() / mean)
          .as("longest wait %.0f ms, mean %.0f ms", longest.get() / 1e6, mean / 1e6)
          .isLessThanOrEqualTo(FAIR);
      assertThat(pool.snapshot().calls().rejected()).isZero();
      assertThat(pool.snapshot().longestWaitMillis())
          .isLessThanOrEqualTo(longest.get() / 1_000_000);
      pool.assertWhole();
    }
  }
}
