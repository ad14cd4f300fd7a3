// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.CheckoutTimeoutException;
import org.serpentry.api.PythonFunction;
import org.serpentry.spi.PoolListener;

/** A test drives a pool's time: hours pass at once, and nothing passes by itself. */
@Tag("core-pool")
@Tag("layer-2")
class VirtualClockTest {

  private static final Instant BEGIN = Instant.parse("2030-01-01T00:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);

  private final VirtualClock clock = VirtualClock.at(BEGIN);

  private static CompletableFuture<Throwable> failureOf(Runnable call) {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                call.run();
                failure.complete(null);
              } catch (RuntimeException e) {
                failure.complete(e);
              }
            })
        .start();
    return failure;
  }

  private TestPool start() {
    return TestPool.builder()
        .clock(clock)
        .settings(c -> c.operationTimeout(HOUR).checkoutTimeout(HOUR).startTimeout(HOUR))
        .start();
  }

  @Test
  void aCallsHourPassesAtOnce() throws Exception {
    try (TestPool pool = start()) {
      PythonFunction hang = pool.function("serpentry_faults:hang").args(true);
      CompletableFuture<Throwable> waiting = failureOf(hang::call);
      pool.watcher().awaitProgress(0, "hanging");
      clock.advance(HOUR.minusMillis(1));
      assertThat(waiting).isNotDone();
      clock.advance(Duration.ofMillis(1));
      assertThat(waiting.get(20, TimeUnit.SECONDS)).isInstanceOf(CallTimeoutException.class);
      pool.awaitWhole();

      int mark = pool.watcher().mark();
      CompletableFuture<Void> later = hang.callAsync();
      pool.watcher().awaitProgress(mark, "hanging");
      clock.advance(HOUR);
      assertThat(later.handle((v, e) -> e).get(20, TimeUnit.SECONDS))
          .isInstanceOf(CallTimeoutException.class);
      pool.awaitWhole();
    }
  }

  @Test
  void theWaitForAWorkerPassesAtOnce() throws Exception {
    try (TestPool pool = start()) {
      CompletableFuture<Void> busy =
          pool.function("serpentry_faults:hang")
              .args(true)
              .timeout(HOUR.multipliedBy(9))
              .callAsync();
      pool.watcher().awaitProgress(0, "hanging");
      CompletableFuture<Throwable> waiting =
          failureOf(() -> pool.function("serpentry_faults:pid").call());
      while (pool.snapshot().waiting() == 0) {
        Thread.onSpinWait();
      }
      clock.advance(HOUR.multipliedBy(2));
      assertThat(waiting.get(20, TimeUnit.SECONDS)).isInstanceOf(CheckoutTimeoutException.class);
      busy.cancel(true);
      pool.awaitWhole();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anAsynchronousDeadlineCountsFromTheCallThoughTheControlThreadComesToItLate(int calls)
      throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    PoolListener blocking =
        new PoolListener() {
          @Override
          public void onProgress(WorkerRef worker, long requestId, Object value) {
            held.countDown();
            try {
              released.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        };
    try (TestPool pool =
        TestPool.builder()
            .size(2)
            .clock(clock)
            .parts(builder -> builder.listener(blocking))
            .settings(c -> c.operationTimeout(HOUR).life(l -> l.callsPerWorker(calls)))
            .start()) {
      var other = pool.function("serpentry_faults:token").args(1, 0, true).callAsync();
      held.await();
      CompletableFuture<Void> late = pool.function("serpentry_faults:hang").args(true).callAsync();
      CompletableFuture<Void> passing = CompletableFuture.runAsync(() -> clock.advance(HOUR));
      while (clock.nanoTime() == 0) {
        Thread.onSpinWait();
      }
      released.countDown();
      passing.get(20, TimeUnit.SECONDS);
      assertThat(late.handle((v, e) -> e).get(20, TimeUnit.SECONDS))
          .isInstanceOf(CallTimeoutException.class);
      assertThat(other.handle((v, e) -> "ended").get(20, TimeUnit.SECONDS)).isEqualTo("ended");
      pool.awaitWhole();
    }
  }

  @Test
  void historiesAreStampedWithItsTime() {
    clock.advance(HOUR);
    try (TestPool pool = start()) {
      assertThat(pool.snapshot().workers().get(0).started()).isEqualTo(BEGIN.plus(HOUR));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> clock.advance(Duration.ofNanos(-1)));
  }
}
