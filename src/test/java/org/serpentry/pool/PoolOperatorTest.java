// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.WorkerState;

/** What an operator does with single calls and slots of a running pool, and its figures. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class PoolOperatorTest {
  private static final long SECONDS = 30;

  /** Runs a call on a thread of its own, as a caller would; ends with what the call throws. */
  private static CompletableFuture<Throwable> calling(WatchedPool pool, double seconds) {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () ->
                end.complete(
                    catchThrowable(() -> pool.function("faulty:sleep").args(seconds).call())),
            "the-caller");
    caller.start();
    return end;
  }

  private static List<PoolOperator.Running> awaitRunning(WatchedPool pool, int count) {
    List<PoolOperator.Running> running = pool.pool().operator().running();
    while (running.size() < count) {
      Thread.onSpinWait();
      running = pool.pool().operator().running();
    }
    return running;
  }

  private static void assertCancelled(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    assertThat(cause)
        .isInstanceOf(CallCancelledException.class)
        .hasMessageContaining("cancelled by an operator");
  }

  @Test
  void whatAnOperatorHasGivenUpWaitingForIsNotDoneLater() throws Exception {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      CompletableFuture<Void> gate = new CompletableFuture<>();
      CompletableFuture<Void> stuck = new CompletableFuture<>();
      pool.pool()
          .context()
          .reactor()
          .execute(
              () -> {
                stuck.complete(null);
                gate.join(); // The control thread does not answer meanwhile.
              });
      stuck.get(SECONDS, TimeUnit.SECONDS);
      int pid = pool.pid(0);
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      Thread operator =
          new Thread(() -> end.complete(catchThrowable(() -> pool.pool().control().killWorker(0))));
      operator.start();
      operator.interrupt();
      assertThat(end.get(SECONDS, TimeUnit.SECONDS))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("nothing has been done, nor will be");
      gate.complete(null);

      pool.assertWhole(); // After all that the control thread had been given.
      assertThat(pool.pid(0)).isEqualTo(pid);
    }
  }

  @Test
  void aSynchronousCallIsGivenUpAndItsWorkerServesOn() throws Exception {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      int pid = pool.pid(0);
      CompletableFuture<Throwable> call = calling(pool, 60);
      PoolOperator.Running running = awaitRunning(pool, 1).get(0);
      assertThat(running.call().caller()).isEqualTo("the-caller");
      assertThat(running.pid()).isEqualTo(pid);

      assertThat(pool.pool().operator().cancelCall(running.call().id()).orElseThrow())
          .contains("test/0", "after 1000 ms", "SIGKILL another 2000 ms");
      assertCancelled(call.get(SECONDS, TimeUnit.SECONDS));

      assertThat(pool.function("faulty:pid").call(Integer.class)).isEqualTo(pid);
      assertThat(pool.snapshot().calls().cancelled()).isEqualTo(1);
    }
  }

  @Test
  void anAsynchronousCallIsGivenUpAndItsWorkerServesOn() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      int pid = pool.pid(0);
      CompletableFuture<Object> call =
          pool.function("faulty:sleep").args(60).callAsync(Object.class);
      long id = awaitRunning(pool, 1).get(0).call().id();

      while (pool.pool().operator().cancelCall(id).isEmpty()) {
        Thread.onSpinWait(); // It has been sent, and the control thread has not heard of it yet.
      }

      assertCancelled(catchThrowable(() -> call.orTimeout(SECONDS, TimeUnit.SECONDS).join()));
      assertThat(pool.function("faulty:pid").call(Integer.class)).isEqualTo(pid);
    }
  }

  @Test
  void ofSeveralCallsOnAWorkerOneIsGivenUpAndTheOthersGoOn() throws Exception {
    try (WatchedPool pool =
        WatchedPool.start(1, config -> config.life(life -> life.callsPerWorker(3)))) {
      CompletableFuture<Throwable> sync = calling(pool, 60);
      long first = awaitRunning(pool, 1).get(0).call().id();
      CompletableFuture<Object> async =
          pool.function("faulty:async_sleep").args(60).callAsync(Object.class);
      long second =
          awaitRunning(pool, 2).stream()
              .map(running -> running.call().id())
              .filter(id -> id != first)
              .findFirst()
              .orElseThrow();
      CompletableFuture<Object> third =
          pool.function("faulty:async_sleep").args(60).callAsync(Object.class);
      awaitRunning(pool, 3);

      assertThat(pool.pool().operator().cancelCall(second).orElseThrow())
          .contains("when its other calls have ended");
      assertCancelled(catchThrowable(() -> async.orTimeout(SECONDS, TimeUnit.SECONDS).join()));
      assertThat(sync).isNotDone();
      assertThat(pool.pool().operator().cancelCall(first)).isPresent();
      assertCancelled(sync.get(SECONDS, TimeUnit.SECONDS));
      assertThat(third).isNotDone();
      third.cancel(true);
    }
  }

  @Test
  void aCallThatDoesNotRunCannotBeGivenUp() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      assertThat(pool.pool().operator().cancelCall(4711)).isEmpty();
    }
  }

  @Test
  void aDrainedSlotStaysEmptyUntilItIsRefilled() throws Exception {
    try (WatchedPool pool = WatchedPool.start(2, UnaryOperator.identity())) {
      PoolOperator operator = pool.pool().operator();
      int before = pool.pid(1);

      operator.drain(1).get(SECONDS, TimeUnit.SECONDS);

      assertThat(pool.pid(1)).isZero();
      assertThat(operator.figures().drained()).containsExactly(1);
      assertThat(pool.function("faulty:pid").call(Integer.class)).isEqualTo(pool.pid(0));
      assertThatThrownBy(() -> operator.drain(1)).hasMessageContaining("drained already");
      pool.pool().control().recycleWorkersOneByOne().get(SECONDS, TimeUnit.SECONDS);
      assertThat(pool.pid(1)).as("after what else starts workers").isZero();

      operator.refill(1).get(SECONDS, TimeUnit.SECONDS);

      assertThat(pool.pid(1)).isPositive().isNotEqualTo(before);
      assertThat(operator.figures().drained()).isEmpty();
      assertThatThrownBy(() -> operator.refill(1)).hasMessageContaining("is not drained");
      assertThatThrownBy(() -> operator.refill(7))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no slot 7");
      pool.assertWhole();
    }
  }

  @Test
  void aWorkerThatRunsACallIsDrainedAfterIt() throws Exception {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      CompletableFuture<Throwable> call = calling(pool, 60);
      long id = awaitRunning(pool, 1).get(0).call().id();

      CompletableFuture<Void> drained = pool.pool().operator().drain(0);
      assertThat(drained).isNotDone();
      pool.pool().operator().cancelCall(id);
      drained.get(SECONDS, TimeUnit.SECONDS);

      assertCancelled(call.get(SECONDS, TimeUnit.SECONDS));
      assertThat(pool.snapshot().states()).containsEntry(WorkerState.READY, 0);
    }
  }

  @Test
  void figuresTellLatenciesAndTheLastErrorUntilTheyAreReset() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      PoolOperator operator = pool.pool().operator();
      for (int i = 0; i < 5; i++) {
        pool.function("faulty:echo").args(i).call();
      }
      assertThat(operator.figures().lastError()).isNull();
      assertThatThrownBy(() -> pool.function("faulty:fail").call())
          .isInstanceOf(PythonCallException.class);

      PoolFigures figures = operator.figures();
      assertThat(figures.lastMinute().calls()).isEqualTo(6);
      assertThat(figures.sinceStart().p50Micros()).isPositive();
      assertThat(figures.sinceStart().maxMicros())
          .isGreaterThanOrEqualTo(figures.sinceStart().p50Micros());
      assertThat(figures.lastError().target()).isEqualTo("faulty:fail");
      assertThat(figures.lastError().text()).contains("as asked");

      operator.resetStatistics();
      assertThat(operator.figures().sinceStart().calls()).isZero();
      assertThat(operator.figures().lastError()).isNull();
      assertThat(pool.snapshot().calls().succeeded()).as("totals stay").isEqualTo(5);
    }
  }

  @Test
  void aSuspensionTellsSinceWhen() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      assertThat(pool.pool().operator().figures().suspendedSince()).isNull();
      pool.pool().control().suspend();
      var since = pool.pool().operator().figures().suspendedSince();
      pool.pool().control().suspend();

      assertThat(since).isNotNull();
      assertThat(pool.pool().operator().figures().suspendedSince()).isEqualTo(since);
      pool.pool().control().resume();
      assertThat(pool.pool().operator().figures().suspendedSince()).isNull();
    }
  }

  @Test
  void runningCallsTellTheirSessionAndTrace() {
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      CallRequest request =
          new CallRequest(
              "faulty:sleep",
              "faulty:sleep".getBytes(java.nio.charset.StandardCharsets.UTF_8),
              List.of(60),
              java.util.Map.of(),
              Object.class,
              Duration.ofSeconds(90),
              null,
              0,
              false,
              null,
              new org.serpentry.protocol.TraceContext(trace),
              null);
      CompletableFuture<Object> call = pool.pool().callAsync(request);

      assertThat(awaitRunning(pool, 1).get(0).call().traceparent()).isEqualTo(trace);
      call.cancel(true);
    }
  }
}
