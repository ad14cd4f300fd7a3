// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BindingException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.CheckoutTimeoutException;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PoolSuspendedException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonType;
import org.serpentry.api.QueueFullException;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.worker.Worker;

@Tag("core-pool")
@Tag("layer-2")
class AsyncCallTest {

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};

  private static WatchedPool pool;
  private int worker;
  private int mark;

  @BeforeAll
  static void start() {
    pool = WatchedPool.start(1, c -> c.queueCapacity(50).cancelGrace(Duration.ofSeconds(3)));
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  @BeforeEach
  void remember() {
    worker = pool.assertWhole().iterator().next();
    mark = pool.watcher().mark();
  }

  @AfterEach
  void thePoolIsWhole() {
    pool.assertWhole();
    assertThat(pool.snapshot().waiting()).isZero();
  }

  private static <E extends PythonPoolException> E failure(
      CompletableFuture<?> call, Class<E> type) {
    CompletionException thrown = null;
    try {
      call.orTimeout(20, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      thrown = e;
    }
    assertThat(thrown).isNotNull();
    assertThat(thrown.getCause()).isInstanceOf(type);
    return type.cast(thrown.getCause());
  }

  @Test
  void completesWithTheValueOrTheFailure() {
    assertThat(pool.function("faulty:add").args(1, 2).callAsync(Integer.class).join()).isEqualTo(3);
    assertThat(pool.function("faulty:echo").args("x").callAsync().join()).isNull();
    assertThat(
            failure(pool.function("faulty:fail").callAsync(), PythonCallException.class)
                .pythonType())
        .isEqualTo("builtins.ValueError");
    assertThat(
            failure(
                    pool.function("faulty:echo").args("x").callAsync(Integer.class),
                    BindingException.class)
                .direction())
        .isEqualTo(BindingException.Direction.RESULT);
    assertThat(
            failure(
                    pool.function("faulty:echo").args(Double.NaN).callAsync(),
                    BindingException.class)
                .direction())
        .isEqualTo(BindingException.Direction.ARGUMENT);
    assertThat(pool.function("faulty:fail").fallback(e -> 7).callAsync(Integer.class).join())
        .isEqualTo(7);
  }

  @Test
  void endsAtTheDeadlineAndCancelsPython() {
    CompletableFuture<Void> call =
        pool.function("pooled:hold").timeout(Duration.ofMillis(150)).callAsync();
    failure(call, CallTimeoutException.class);
    assertThat(pool.assertWhole()).containsExactly(worker);
  }

  @Test
  void carriesItsCancellationToPython() {
    CompletableFuture<Void> call = pool.function("pooled:hold").callAsync();
    pool.watcher().awaitProgress(mark, "holding");
    assertThat(call.cancel(true)).isTrue();
    assertThat(call).isCancelled();
    pool.watcher().awaitProgress(mark, "cancelled");
    assertThat(pool.assertWhole()).containsExactly(worker);
  }

  @Test
  void carriesToPythonThatItWasEndedInAnyOtherWay() {
    CompletableFuture<Void> late =
        pool.function("pooled:hold").callAsync().orTimeout(300, TimeUnit.MILLISECONDS);
    assertThat(late.handle((v, e) -> e).join())
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    pool.watcher().awaitProgress(mark, "cancelled");
    int next = pool.watcher().mark();
    CompletableFuture<String> settled = pool.function("pooled:hold").callAsync(String.class);
    pool.watcher().awaitProgress(next, "holding");
    settled.complete("enough");
    pool.watcher().awaitProgress(next, "cancelled");
    assertThat(pool.assertWhole()).containsExactly(worker);
  }

  @Test
  void leavesTheQueueWhenCancelled() {
    int told = pool.watcher().all(PoolWatcher.Progressed.class).size();
    Worker leased = pool.lease();
    CompletableFuture<Void> call = pool.function("pooled:hold").callAsync();
    CompletableFuture<Integer> next =
        pool.function("faulty:add").args(1, 2).callAsync(Integer.class);
    assertThat(call.cancel(true)).isTrue();
    pool.pool().giveBack(leased);
    assertThat(next.join()).isEqualTo(3);
    assertThat(pool.watcher().all(PoolWatcher.Progressed.class)).hasSize(told);
  }

  @Test
  void servesTheQueueInItsOrderWhoeverTheCallersAre() {
    Worker leased = pool.lease();
    List<String> order = new ArrayList<>();
    List<CompletableFuture<Void>> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String token = "token " + i;
      calls.add(
          pool.function("pooled:token")
              .args(token)
              .callAsync(OBJECT)
              .thenAccept(
                  answer -> {
                    assertThat(answer).containsEntry("token", token);
                    synchronized (order) {
                      order.add(token);
                    }
                  }));
    }
    pool.pool().giveBack(leased);
    calls.forEach(CompletableFuture::join);
    List<Long> served =
        pool.watcher().all(org.serpentry.spi.PoolListener.CallEnd.class).stream()
            .map(org.serpentry.spi.PoolListener.CallEnd::requestId)
            .toList();
    assertThat(served).isSorted();
    assertThat(order).hasSize(20);
  }

  @Test
  void failsAtTheCheckoutTimeoutAndWhenTheQueueIsFull() {
    Worker leased = pool.lease();
    try {
      assertThat(
              failure(
                      pool.function("faulty:add")
                          .args(1, 2)
                          .retries(0)
                          .checkoutTimeout(Duration.ofMillis(50))
                          .callAsync(),
                      CheckoutTimeoutException.class)
                  .isTransient())
          .isTrue();
      List<CompletableFuture<Integer>> queued = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        queued.add(pool.function("faulty:add").args(i, 0).retries(0).callAsync(Integer.class));
      }
      QueueFullException full =
          failure(
              pool.function("faulty:add").args(0, 0).retries(0).callAsync(),
              QueueFullException.class);
      assertThat(full).hasMessageContaining("50");
      assertThat(full.counts().waiting()).isEqualTo(50);
      pool.pool().giveBack(leased);
      leased = null;
      for (int i = 0; i < 50; i++) {
        assertThat(queued.get(i).join()).isEqualTo(i);
      }
    } finally {
      if (leased != null) {
        pool.pool().giveBack(leased);
      }
    }
  }

  @Test
  void completesByItselfWhenTheExecutorRejects() {
    CallRequest request =
        new CallRequest(
            "faulty:add",
            "faulty:add".getBytes(java.nio.charset.StandardCharsets.UTF_8),
            List.of(1, 2),
            Map.of(),
            Integer.class,
            null,
            null,
            -1,
            false,
            null,
            null,
            null);
    CompletableFuture<Object> call =
        pool.pool()
            .callAsync(
                request,
                task -> {
                  throw new RejectedExecutionException("shut down");
                });
    assertThat(call.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(3);
  }

  @Test
  void doesNotRunAgainWhatWasCancelledBetweenTwoAttempts() {
    try (WatchedPool slow = WatchedPool.start(2, c -> c.retryDelay(Duration.ofMillis(200)))) {
      CompletableFuture<Void> call = slow.function("faulty:os_exit").idempotent().callAsync();
      slow.watcher().awaitCount(PoolWatcher.Exited.class, 2);
      // The first further attempt followed at once; the second is due after the pause.
      call.cancel(true);
      assertThat(slow.function("pooled:hold").args(0.5).call(String.class)).isEqualTo("held");
      slow.assertWhole();
      assertThat(slow.watcher().all(PoolWatcher.Exited.class)).hasSize(2);
      assertThat(slow.watcher().all(PoolWatcher.Climbed.class)).isEmpty();
    }
  }

  @Test
  void failsWhenTheWayIsBarredWhileItIsOnItsWayToTheQueue() {
    Worker leased = pool.lease();
    CountDownLatch release = new CountDownLatch(1);
    pool.pool()
        .context()
        .reactor()
        .execute(
            () -> {
              try {
                release.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    CompletableFuture<Void> call = pool.function("faulty:add").args(1, 2).callAsync();
    pool.pool().control().suspend();
    release.countDown();
    try {
      failure(call, PoolSuspendedException.class);
    } finally {
      pool.pool().control().resume();
      pool.pool().giveBack(leased);
    }
  }

  @Test
  void endsWithThePoolWhateverItWaitsFor() {
    WatchedPool closing =
        WatchedPool.start(
            2, c -> c.shutdownTimeout(Duration.ZERO).retryDelay(Duration.ofMinutes(10)));
    CompletableFuture<Void> pausing = closing.function("faulty:os_exit").idempotent().callAsync();
    closing.watcher().awaitCount(PoolWatcher.Exited.class, 2);
    closing.assertWhole();
    Worker leased = closing.lease();
    CompletableFuture<Void> running = closing.function("pooled:hold").callAsync();
    closing.watcher().awaitProgress(0, "holding");
    assertThat(leased.retiring()).isFalse();
    CompletableFuture<Void> waiting = closing.function("faulty:add").args(1, 2).callAsync();
    closing.close();
    failure(running, PoolClosedException.class);
    failure(waiting, PoolClosedException.class);
    failure(pausing, PoolClosedException.class);
    failure(closing.function("faulty:add").callAsync(), PoolClosedException.class);
    assertThatExceptionOfType(PoolClosedException.class)
        .isThrownBy(() -> closing.function("faulty:add").call());
  }
}
