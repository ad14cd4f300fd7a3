// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.CheckoutTimeoutException;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.RetryBackoff;
import org.serpentry.original.Original;
import org.serpentry.spi.PoolListener.CallEnd;
import org.serpentry.testing.TestPool;

/** One deadline for queue, retries and execution, and Python functions as fallbacks. */
@Original("retry_logic")
@Tag("core-pool")
@Tag("layer-2")
class BudgetTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  @Test
  void aBudgetEndsTheWaitForAWorker() {
    try (TestPool pool = start()) {
      CompletableFuture<Void> running = hold(pool);

      assertThat(catchThrowable(() -> pool.function("faulty:add").args(1, 2).budget(SHORT).call()))
          .isInstanceOf(CheckoutTimeoutException.class)
          .hasMessageContaining("within 300 ms");
      assertThat(
              catchThrowable(
                  () -> pool.function("faulty:add").args(1, 2).budget(SHORT).callAsync().join()))
          .hasCauseInstanceOf(CheckoutTimeoutException.class);
      running.cancel(true);
    }
  }

  @Test
  void aBudgetEndsTheRunAndTheFailureSaysSo() {
    try (TestPool pool = start()) {
      CallTimeoutException failure =
          catchThrowableOfType(
              CallTimeoutException.class,
              () -> pool.function("faulty:sleep").args(30).budget(SHORT).call());

      assertThat(failure).hasMessageContaining("its budget of 300 ms");
      assertThat(failure.context()).containsEntry("budgetMillis", 300L);
    }
  }

  @Test
  void aPoolsBudgetHoldsForCallsThatSayNothing() {
    try (TestPool pool =
        TestPool.builder()
            .modules(Path.of("python/tests/modules"))
            .settings(c -> c.resilience(r -> r.timeoutBudget(SHORT)))
            .start()) {
      assertThat(catchThrowable(() -> pool.function("faulty:sleep").args(30).callAsync().join()))
          .hasCauseInstanceOf(CallTimeoutException.class);
      assertThat(
              pool.function("faulty:sleep")
                  .args(0.5)
                  .budget(Duration.ofSeconds(20))
                  .call(String.class))
          .isEqualTo("slept");
    }
  }

  @Test
  void attemptsAndPausesEndWithTheBudgetHoweverManyAreLeft() {
    try (TestPool pool = start()) {
      long begin = System.nanoTime();
      Throwable failure =
          catchThrowable(
              () ->
                  pool.function("serpentry_faults:die")
                      .idempotent()
                      .retries(1_000)
                      .budget(Duration.ofSeconds(2))
                      .call());

      assertThat(failure)
          .isInstanceOfAny(WorkerCrashedException.class, CheckoutTimeoutException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
      long attempts =
          pool.watcher().all(CallEnd.class).stream()
              .filter(end -> end.outcome() == Outcome.WORKER_FAILURE)
              .count();
      assertThat(attempts).isBetween(2L, 50L);
    }
  }

  @Test
  void aCallThatMayHaveStartedIsNotRepeatedWhateverTheBackoff() {
    try (TestPool pool = start()) {
      assertThat(catchThrowable(() -> pool.function("serpentry_faults:die").retries(5).call()))
          .isInstanceOf(WorkerCrashedException.class);
      assertThat(pool.snapshot().calls().retries()).isZero();
      assertThat(
              catchThrowable(
                  () -> pool.function("serpentry_faults:die").idempotent().retries(2).call()))
          .isInstanceOf(WorkerCrashedException.class);
      assertThat(pool.snapshot().calls().retries()).isEqualTo(2);
    }
  }

  @Test
  void aBudgetMustBePositive() {
    try (TestPool pool = start()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pool.function("faulty:add").budget(Duration.ZERO))
          .withMessageContaining("budget");
    }
  }

  @Test
  void aPythonFunctionAnswersForOneThatFailed() {
    try (TestPool pool = start()) {
      assertThat(
              pool.function("faulty:nothing")
                  .args(1, 2)
                  .fallbackTo("faulty:add")
                  .call(Integer.class))
          .isEqualTo(3);
      assertThat(
              pool.function("serpentry_faults:die")
                  .args(4)
                  .fallbackTo("faulty:echo")
                  .callAsync(Integer.class)
                  .join())
          .isEqualTo(4);
    }
  }

  @Test
  void aFallbackThatFailsTooNamesTheFirstFailure() {
    try (TestPool pool = start()) {
      Throwable failure =
          catchThrowable(
              () ->
                  pool.function("serpentry_faults:die").args(-1).fallbackTo("faulty:sleep").call());

      assertThat(failure).isInstanceOf(PythonCallException.class);
      assertThat(failure.getSuppressed())
          .singleElement()
          .isInstanceOf(WorkerCrashedException.class);
      Throwable later =
          catchThrowable(
              () ->
                  pool.function("serpentry_faults:die")
                      .args(-1)
                      .fallbackTo("faulty:sleep")
                      .callAsync()
                      .join());
      assertThat(later).hasCauseInstanceOf(PythonCallException.class);
      assertThat(later.getCause().getSuppressed())
          .singleElement()
          .isInstanceOf(WorkerCrashedException.class);
    }
  }

  @Test
  void cancellingACallCancelsTheFallbackThatRunsForIt() {
    try (TestPool pool = start()) {
      int mark = pool.watcher().mark();
      CompletableFuture<Void> call =
          pool.function("faulty:nothing").fallbackTo("pooled:hold").callAsync();
      pool.watcher().awaitProgress(mark, "holding");

      call.cancel(true);

      pool.watcher().awaitAfter(mark, CallEnd.class, end -> end.outcome() == Outcome.CANCELLED);
    }
  }

  private static TestPool start() {
    return TestPool.builder()
        .modules(Path.of("python/tests/modules"))
        .settings(c -> c.resilience(r -> r.retryBackoff(RetryBackoff.IMMEDIATE)))
        .start();
  }

  private static CompletableFuture<Void> hold(TestPool pool) {
    int mark = pool.watcher().mark();
    CompletableFuture<Void> running = pool.function("pooled:hold").callAsync();
    pool.watcher().awaitProgress(mark, "holding");
    return running;
  }
}
