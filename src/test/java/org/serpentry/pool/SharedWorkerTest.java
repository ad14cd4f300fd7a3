// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonType;
import org.serpentry.api.WorkerState;
import org.serpentry.testing.PoolWatcher;

/** Several calls at once in one worker: each has its own answer, deadline and cancellation. */
@Tag("core-pool")
@Tag("layer-2")
class SharedWorkerTest {

  private static final int PLACES = 50;
  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};

  private static WatchedPool pool;
  private static ExecutorService callers;

  @BeforeAll
  static void start() {
    pool = WatchedPool.start(1, c -> c.queueCapacity(1_000).life(l -> l.callsPerWorker(PLACES)));
    callers = Executors.newCachedThreadPool();
  }

  @AfterAll
  static void stop() {
    callers.shutdownNow();
    pool.close();
  }

  @AfterEach
  void everyPlaceIsFreeAgain() {
    assertThat(meet("several:meet", PLACES)).isEqualTo(IntStream.range(0, PLACES).boxed().toList());
  }

  private static CompletableFuture<Object> inThread(String target, Object... arguments) {
    return CompletableFuture.supplyAsync(
        () -> pool.function(target).args(arguments).call(Object.class), callers);
  }

  private static List<Integer> meet(String target, int parties) {
    String name = "meeting " + System.nanoTime();
    List<CompletableFuture<Integer>> calls =
        IntStream.range(0, parties)
            .mapToObj(i -> pool.function(target).args(name, parties, i).callAsync(Integer.class))
            .toList();
    return calls.stream().map(SharedWorkerTest::result).toList();
  }

  private static <T> T result(CompletableFuture<T> call) {
    return call.orTimeout(60, TimeUnit.SECONDS).join();
  }

  private static void awaitWaiting(int mark, int count) {
    int from = mark;
    for (int i = 0; i < count; i++) {
      PoolWatcher.Progressed progress = pool.watcher().awaitProgress(from, "waiting");
      from = pool.watcher().indexOf(progress) + 1;
    }
  }

  private static void letGo(String name) {
    pool.function("several:let_go").args(name).call();
  }

  @ParameterizedTest
  @ValueSource(strings = {"several:meet", "several:meet_async"})
  void callsOfAsManyThreadsAsThereArePlacesAreInPythonAtOnce(String target) {
    String name = "threads " + System.nanoTime();
    List<CompletableFuture<Object>> calls = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      calls.add(inThread(target, name, PLACES, "token " + i));
    }
    for (int i = 0; i < PLACES; i++) {
      assertThat(result(calls.get(i))).isEqualTo("token " + i);
    }
    assertThat(pool.snapshot().workers()).hasSize(1);
  }

  @Test
  void asynchronousCallsAreInPythonAtOnceAndMixWithPlainFunctions() {
    assertThat(meet("several:meet_async", PLACES)).hasSize(PLACES).doesNotHaveDuplicates();
    List<Integer> plain = meet("several:meet", PLACES / 2);
    assertThat(plain).isEqualTo(IntStream.range(0, PLACES / 2).boxed().toList());
  }

  @Test
  void isBusyWhenNoPlaceIsFreeAndServesWhoWaitsThen() {
    int mark = pool.watcher().mark();
    List<CompletableFuture<Object>> held = new ArrayList<>();
    for (int i = 0; i < PLACES - 1; i++) {
      held.add(
          pool.function("several:wait_for").args("full", "token " + i).callAsync(Object.class));
    }
    awaitWaiting(mark, PLACES - 1);
    assertThat(pool.snapshot().workers().get(0).state()).isEqualTo(WorkerState.READY);
    CompletableFuture<Object> last =
        pool.function("several:wait_for").args("full last").callAsync(Object.class);
    assertThat(pool.snapshot().workers().get(0).state()).isEqualTo(WorkerState.BUSY);
    assertThat(pool.snapshot().workers().get(0).function()).isEqualTo("several:wait_for");
    assertThat(pool.snapshot().workers().get(0).running())
        .hasSize(PLACES)
        .isSortedAccordingTo(
            Comparator.comparingLong(PoolSnapshot.RunningView::runningMillis).reversed())
        .extracting(PoolSnapshot.RunningView::requestId)
        .doesNotHaveDuplicates()
        .startsWith(pool.snapshot().workers().get(0).requestId());
    CompletableFuture<Object> queued = inThread("several:let_go", "full");
    while (pool.snapshot().waiting() == 0) {
      Thread.onSpinWait();
    }
    last.cancel(true);
    assertThat(result(queued)).isNull();
    for (int i = 0; i < PLACES - 1; i++) {
      assertThat(result(held.get(i))).isEqualTo("token " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"several:wait_for", "several:wait_for_async"})
  void cancellingOneCallLeavesItsNeighboursAlone(String target) {
    int mark = pool.watcher().mark();
    int before = pool.watcher().all(PoolWatcher.Climbed.class).size();
    int worker = pool.pid(0);
    List<CompletableFuture<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      calls.add(
          pool.function(target).args("cancel " + target, "token " + i).callAsync(Object.class));
    }
    awaitWaiting(mark, 8);
    calls.get(3).cancel(true);
    // Else it may be let go with the others before the cancellation is on its way.
    pool.watcher().awaitAfter(mark, PoolWatcher.Climbed.class, any -> true);
    letGo("cancel " + target);
    for (int i = 0; i < 8; i++) {
      if (i != 3) {
        assertThat(result(calls.get(i))).isEqualTo("token " + i);
      }
    }
    everyPlaceIsFreeAgain();
    assertThat(pool.pid(0)).isEqualTo(worker);
    assertThat(pool.watcher().all(PoolWatcher.Climbed.class).stream().skip(before))
        .extracting(PoolWatcher.Climbed::rung)
        .containsExactly("cancel");
  }

  @ParameterizedTest
  @ValueSource(strings = {"several:wait_for", "several:wait_for_async"})
  void eachCallHasItsOwnDeadline(String target) {
    int mark = pool.watcher().mark();
    CompletableFuture<Object> neighbour = inThread(target, "deadline " + target, "mine");
    awaitWaiting(mark, 1);
    Duration timeout = Duration.ofMillis(100);
    CallTimeoutException late =
        assertThrows(
            CallTimeoutException.class,
            () -> pool.function(target).args("never").timeout(timeout).call());
    assertThat(late).hasMessageContaining(target);
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> result(pool.function(target).args("never").timeout(timeout).callAsync()))
        .withCauseInstanceOf(CallTimeoutException.class);
    letGo("deadline " + target);
    assertThat(result(neighbour)).isEqualTo("mine");
  }

  @Test
  void anInterruptedCallerEndsItsOwnCallOnly() throws InterruptedException {
    int mark = pool.watcher().mark();
    CompletableFuture<Object> neighbour = inThread("several:wait_for", "interrupt", "mine");
    awaitWaiting(mark, 1);
    int second = pool.watcher().mark();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                pool.function("several:wait_for").args("never").call();
              } catch (RuntimeException e) {
                failure.complete(e);
              }
            });
    caller.start();
    awaitWaiting(second, 1);
    caller.interrupt();
    assertThat(result(failure)).isInstanceOf(CallCancelledException.class);
    letGo("interrupt");
    assertThat(result(neighbour)).isEqualTo("mine");
    caller.join();
  }

  @Test
  void callsSeeNothingOfEachOther() {
    String name = "facts " + System.nanoTime();
    List<CompletableFuture<Map<String, Object>>> calls =
        IntStream.range(0, 8)
            .mapToObj(i -> pool.function("several:facts").args(name, 8).callAsync(OBJECT))
            .toList();
    List<Object> threads = new ArrayList<>();
    for (CompletableFuture<Map<String, Object>> call : calls) {
      Map<String, Object> facts = result(call);
      Object id = ((List<?>) facts.get("before")).get(0);
      assertThat((List<?>) facts.get("before")).element(2).isEqualTo("");
      assertThat(facts.get("after").toString())
          .isEqualTo("[%s, null, variable of %s, %s]".formatted(id, id, id));
      threads.add(facts.get("thread"));
    }
    assertThat(threads).doesNotHaveDuplicates();
  }

  @Test
  void largeAndSmallRequestsShareAConnection() {
    String large = "x".repeat(3_000_000);
    List<CompletableFuture<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      calls.add(inThread("several:echo", i % 3 == 0 ? large + i : "small " + i));
    }
    for (int i = 0; i < 12; i++) {
      assertThat(result(calls.get(i))).isEqualTo(i % 3 == 0 ? large + i : "small " + i);
    }
  }

  @Test
  void aFailureReachesItsOwnCaller() {
    List<CompletableFuture<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      calls.add(inThread(i % 2 == 0 ? "faulty:fail" : "several:echo", "ValueError" + i));
    }
    for (int i = 0; i < 16; i++) {
      CompletableFuture<Object> call = calls.get(i);
      if (i % 2 == 0) {
        assertThatExceptionOfType(CompletionException.class)
            .isThrownBy(() -> result(call))
            .withCauseInstanceOf(PythonCallException.class);
      } else {
        assertThat(result(call)).isEqualTo("ValueError" + i);
      }
    }
  }
}
