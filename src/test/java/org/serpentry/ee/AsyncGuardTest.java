// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.CircuitOpenException;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PoolCounts;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.QueueFullException;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.CallRequest;

/** The guard of asynchronous calls around a core whose answers the test gives. */
@Tag("layer-1")
class AsyncGuardTest {
  private static final Duration SOON = Duration.ofMillis(50);
  private static final Duration NEVER = Duration.ofMinutes(10);

  private final PoolConfig config = PoolConfig.builder("test").size(1).maxSize(1).build();
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private final Deque<CompletableFuture<Object>> answers = new ArrayDeque<>();
  private final List<CallRequest> started = new ArrayList<>();

  @AfterEach
  void stopTimers() {
    timers.shutdownNow();
  }

  @Test
  void aCallThatTheCoreNeverEndsIsCancelledAtItsLimit() {
    CompletableFuture<Object> call = guard(SOON, 9, Runnable::run).callAsync(request(-1, null));

    assertThat(failure(call)).isInstanceOf(CallTimeoutException.class);
    assertThat(answers.getFirst()).isCancelled();
  }

  @Test
  void aCallWhoseExecutorNeverRunsAnythingEndsAllTheSame() {
    AsyncGuard guard = guard(SOON, 9, task -> {});

    assertThat(failure(guard.callAsync(request(-1, null))))
        .isInstanceOf(CallTimeoutException.class);
  }

  @Test
  void aCallWhoseFallbackHangsEndsAllTheSame() throws Exception {
    CompletableFuture<Object> never = new CompletableFuture<>();
    AsyncGuard guard = guard(SOON, 9, task -> new Thread(task, "completion").start());

    CompletableFuture<Object> call = guard.callAsync(request(-1, e -> never.join()));

    assertThat(failure(call)).isInstanceOf(CallTimeoutException.class);
    never.complete(null);
  }

  @Test
  void aRefusedCallWhoseFallbackHangsEndsWithTheRefusal() throws Exception {
    CompletableFuture<Object> never = new CompletableFuture<>();
    AsyncGuard guard = guard(NEVER, 1, task -> new Thread(task, "completion").start());
    CompletableFuture<Object> first = guard.callAsync(request(-1, null));

    CompletableFuture<Object> refused = guard.callAsync(request(-1, e -> never.join()));

    assertThat(failure(refused)).isInstanceOf(QueueFullException.class);
    assertThat(first).isNotDone();
    never.complete(null);
  }

  @Test
  void theFallbackAnswersALimitThatRanOut() {
    AsyncGuard guard = guard(SOON, 9, Runnable::run);

    assertThat(
            guard.callAsync(request(-1, PythonPoolException::type)).orTimeout(30, TimeUnit.SECONDS))
        .succeedsWithin(Duration.ofSeconds(30))
        .isEqualTo("command_timeout");
  }

  @Test
  void oneCallTooManyIsRefusedUntilAnotherEnds() {
    AsyncGuard guard = guard(NEVER, 2, Runnable::run);
    CompletableFuture<Object> first = guard.callAsync(request(-1, null));
    CompletableFuture<Object> second = guard.callAsync(request(-1, null));
    CompletableFuture<Object> third = guard.callAsync(request(-1, null));
    assertThat(failure(third)).isInstanceOf(QueueFullException.class);

    answers.getFirst().complete("done");
    assertThat(first).isCompletedWithValue("done");
    assertThat(second.cancel(true)).isTrue();
    assertThat(answers.getLast()).isCancelled();

    assertThat(guard.callAsync(request(-1, null))).isNotDone();
    assertThat(guard.callAsync(request(-1, null))).isNotDone();
  }

  @Test
  void failuresOpenTheBreakerAndCancelledCallsDoNot() {
    AsyncGuard guard = guard(NEVER, 9, Runnable::run);
    for (int i = 0; i < 2; i++) {
      guard.callAsync(request(-1, null)).cancel(true);
    }
    for (int i = 0; i < 2; i++) {
      CompletableFuture<Object> call = guard.callAsync(request(-1, null));
      answers
          .getLast()
          .completeExceptionally(
              new CallTimeoutException(ErrorContext.ofPool("test"), "m:f", SOON, ""));
      assertThat(failure(call)).isInstanceOf(CallTimeoutException.class);
    }

    Throwable refused = failure(guard.callAsync(request(-1, null)));

    assertThat(refused)
        .isInstanceOf(CircuitOpenException.class)
        .hasMessageContaining("m:f did not");
    assertThat(((CircuitOpenException) refused).retryAfter()).isPositive();
  }

  @Test
  void theCoreRepeatsAsOftenAsTheCallOrElseTheGuardSays() {
    AsyncGuard guard = guard(NEVER, 9, Runnable::run);

    guard.callAsync(request(-1, null)).cancel(true);
    guard.callAsync(request(5, e -> "never asked")).cancel(true);

    assertThat(started).extracting(CallRequest::retries).containsExactly(3, 5);
    assertThat(started).extracting(CallRequest::fallback).containsOnlyNulls();
  }

  @Test
  void whatTheServersExecutorDropsWhenTheApplicationEndsIsEndedThen() {
    AsyncGuard guard = guard(NEVER, 9, task -> {});
    CompletableFuture<Object> call = guard.callAsync(request(-1, null));

    guard.close();

    assertThat(failure(call)).isInstanceOf(PoolClosedException.class);
  }

  @Test
  void theLimitOfACallCoversAllThatItMayDo() {
    Duration limit = AsyncLimit.of(request(2, null), config);

    assertThat(limit)
        .isGreaterThan(config.checkoutTimeout().plus(config.operationTimeout()))
        .isLessThan(config.checkoutTimeout().plus(config.operationTimeout().multipliedBy(2)));
  }

  @Test
  void theLimitOfACallIsItsBudgetWhereThatIsShorter() {
    CallRequest request = request(2, null).leaving(Duration.ofSeconds(3));

    assertThat(AsyncLimit.of(request, config))
        .isGreaterThan(Duration.ofSeconds(3))
        .isLessThan(config.checkoutTimeout());
  }

  private AsyncGuard guard(Duration timeout, int callers, Executor completions) {
    CircuitBreaker.Settings breaker = new CircuitBreaker.Settings(2, 1, NEVER, 1);
    return new AsyncGuard(
        this::start,
        () -> config,
        new GuardSettings(timeout, 3, callers, breaker, true, true),
        () -> new PoolCounts(1, 1, 0, 0),
        () -> completions,
        Runnable::run,
        timers);
  }

  private CompletableFuture<Object> start(CallRequest request, Executor completions) {
    started.add(request);
    CompletableFuture<Object> answer = new CompletableFuture<>();
    answers.add(answer);
    return answer;
  }

  private static CallRequest request(
      int retries, Function<? super PythonPoolException, ?> fallback) {
    return new CallRequest(
        "m:f",
        new byte[0],
        List.of(),
        Map.of(),
        Object.class,
        null,
        null,
        null,
        retries,
        false,
        null,
        null,
        fallback);
  }

  private static Throwable failure(CompletableFuture<Object> call) {
    Throwable thrown = catchThrowable(() -> call.copy().orTimeout(30, TimeUnit.SECONDS).join());
    assertThat(thrown).isInstanceOf(CompletionException.class);
    return thrown.getCause();
  }
}
