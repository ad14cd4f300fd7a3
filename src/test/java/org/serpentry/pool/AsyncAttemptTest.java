// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.spi.PoolListener;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.worker.Worker;

/** What can go wrong between the lease of a worker and its end, at the moments that matter. */
@Tag("core-pool")
@Tag("layer-2")
class AsyncAttemptTest {

  private static CallRequest request(String target, Object argument, String session) {
    return new CallRequest(
        target,
        target.getBytes(StandardCharsets.UTF_8),
        List.of(argument),
        Map.of(),
        String.class,
        null,
        null,
        0,
        false,
        session == null ? null : new SessionKey(session),
        null,
        null);
  }

  private static Throwable failure(CompletableFuture<?> call) throws Exception {
    try {
      Object value = call.get(20, TimeUnit.SECONDS);
      throw new AssertionError("It ended well, with " + value);
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (TimeoutException e) {
      throw new AssertionError("It has not ended", e);
    }
  }

  /** The larger value does not fit into one buffer of the reader. */
  @ParameterizedTest
  @ValueSource(ints = {7, 100_000})
  void deliversTheReplyOfAWorkerWhoseEndWasKnownBeforeAnybodyRead(int length) throws Exception {
    String value = "x".repeat(length);
    try (WatchedPool pool = WatchedPool.start(1, c -> c)) {
      Worker leased = pool.lease();
      int pid = leased.pid();
      CallRequest request = request("pooled:last_words", value, null);
      AsyncCall call = new AsyncCall(pool.pool(), request, Runnable::run);
      byte[] payload = pool.pool().encoder().encode(request);
      long now = System.nanoTime();
      AsyncAttempt attempt =
          new AsyncAttempt(
              pool.pool(), call, payload, leased, now, now + TimeUnit.SECONDS.toNanos(20));
      attempt.transmit();
      assertThat(pool.watcher().awaitExit(pid).how()).isEqualTo("exit code 9");
      assertThat(leased.exit()).isDone();
      pool.pool().context().reactor().execute(attempt::watch);
      assertThat(call.future().get(20, TimeUnit.SECONDS)).isEqualTo(value);
      assertThat(pool.snapshot().calls().workerFailures()).isZero();
      assertThat(pool.assertWhole()).doesNotContain(pid);
    }
  }

  @Test
  void losesAWorkerAndTellsTheCallerWhenTheRequestCannotBePutTogether() throws Exception {
    try (WatchedPool pool = WatchedPool.start(1, c -> c)) {
      int pid = pool.pid(0);
      // A header has no room for so much.
      CallRequest request = request("faulty:echo", "x", "s".repeat(70_000));
      assertThat(failure(pool.pool().callAsync(request)))
          .isInstanceOf(java.nio.BufferOverflowException.class);
      assertThat(pool.snapshot().calls().workerFailures()).isEqualTo(1);
      pool.watcher().awaitExit(pid);
      assertThat(pool.assertWhole()).doesNotContain(pid);
    }
  }

  @Test
  void losesAWorkerAndTellsTheCallerWhenThereIsNoMemoryForTheReply() throws Exception {
    try (WatchedPool pool = WatchedPool.start(1, c -> c)) {
      int pid = pool.pid(0);
      Worker leased = pool.lease();
      // No virtual machine makes an array of this length, however large its heap is.
      leased.channel().frameLimit(Integer.MAX_VALUE);
      pool.pool().giveBack(leased);
      CompletableFuture<Object> call =
          pool.pool().callAsync(request("pooled:promise_too_much", 1, null));
      assertThat(failure(call)).isInstanceOf(OutOfMemoryError.class);
      assertThat(pool.snapshot().calls().workerFailures()).isEqualTo(1);
      pool.watcher().awaitExit(pid);
      assertThat(pool.assertWhole()).doesNotContain(pid);
    }
  }

  @Test
  void endsTheCallWhenTheCallersExecutorIsBroken() throws Exception {
    Executor broken =
        task -> {
          throw new IllegalStateException("of an application that has been undeployed");
        };
    try (WatchedPool pool = WatchedPool.start(1, c -> c)) {
      int pid = pool.pid(0);
      CompletableFuture<Object> call =
          pool.pool().callAsync(request("faulty:echo", "x", null), broken);
      assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("x");
      assertThat(pool.assertWhole()).containsExactly(pid);
    }
  }

  @Test
  void takesTheCancellationOfACallThatFoundTheQueueFull() throws Exception {
    List<Runnable> completions = new ArrayList<>();
    CountDownLatch refused = new CountDownLatch(1);
    try (WatchedPool pool = WatchedPool.start(1, c -> c.queueCapacity(1))) {
      Worker leased = pool.lease();
      CompletableFuture<Object> waiting =
          pool.pool().callAsync(request("faulty:echo", "first", null));
      AsyncCall call =
          new AsyncCall(
              pool.pool(),
              request("faulty:echo", "second", null),
              task -> {
                completions.add(task);
                refused.countDown();
              });
      call.start();
      assertThat(refused.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(call.future().cancel(true)).isTrue();
      CompletableFuture<Void> done = new CompletableFuture<>();
      pool.pool()
          .context()
          .reactor()
          .execute(
              () -> {
                try {
                  call.cancelOnReactor();
                  done.complete(null);
                } catch (RuntimeException e) {
                  done.completeExceptionally(e);
                }
              });
      done.get(20, TimeUnit.SECONDS);
      completions.forEach(Runnable::run);
      assertThat(call.future()).isCancelled();
      pool.pool().giveBack(leased);
      assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo("first");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void makesNoFurtherAttemptAfterTheDeadline(boolean async) throws Exception {
    Duration timeout = Duration.ofSeconds(10);
    AtomicLong passed = new AtomicLong();
    PoolListener loss =
        new PoolListener() {
          @Override
          public void onCallEnd(CallEnd end) {
            if (end.outcome() == Outcome.WORKER_FAILURE) {
              passed.addAndGet(timeout.toNanos());
            }
          }
        };
    try (WatchedPool pool =
        WatchedPool.start(
            2,
            c -> c,
            parts ->
                parts
                    .clocks(Clock.systemUTC(), () -> System.nanoTime() + passed.get())
                    .listener(loss))) {
      PythonFunction call =
          pool.function("faulty:os_exit").idempotent().retries(1).timeout(timeout);
      CompletableFuture<Void> result =
          async ? call.callAsync() : CompletableFuture.runAsync(call::call);
      assertThat(failure(result)).isInstanceOf(WorkerCrashedException.class);
      assertThat(pool.snapshot().calls().retries()).isZero();
      assertThat(pool.snapshot().calls().timedOut()).isZero();
      pool.assertWhole();
      assertThat(pool.watcher().all(PoolWatcher.Exited.class)).hasSize(1);
      assertThat(pool.watcher().all(PoolWatcher.Climbed.class)).isEmpty();
    }
  }
}
