// SPDX-License-Identifier: Apache-2.0
package org.serpentry.original;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.BatchResult;
import org.serpentry.api.CheckoutTimeoutException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonSession;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.TestPool;

/**
 * Scenarios that the original's tests skipped, left vacuous or ran without its pool: here on real
 * workers.
 */
@Original({
  "worker_failure_recovery",
  "load_balancing",
  "stateless",
  "session_pool_v2",
  "pool_v2",
  "pool_chaos",
  "pool_performance"
})
@Tag("core-pool")
@Tag("layer-3")
class RewrittenScenariosTest {

  private static final int SIZE = 4;
  private static final Duration LONG = Duration.ofSeconds(60);

  private static TestPool pool;

  @TempDir Path directory;

  @BeforeAll
  static void start() {
    pool =
        TestPool.builder()
            .size(SIZE)
            .modules(Path.of("python/tests/modules"))
            .settings(
                c ->
                    c.checkoutTimeout(LONG)
                        .restartBackoffMin(Duration.ofMillis(1))
                        .restartBackoffMax(Duration.ofMillis(2))
                        .life(l -> l.crashLimit(0)))
            .start();
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  @AfterEach
  void everyWorkerIsThere() {
    assertThat(pool.awaitWhole()).hasSize(SIZE);
  }

  private static PythonFunction add(PythonSession session) {
    return session.function("conversing:add");
  }

  private static <T> T result(CompletableFuture<T> call) {
    return call.orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** As many calls as there are workers, all of them running at the same time. */
  private List<CompletableFuture<Integer>> occupyAll(Path file) throws IOException {
    Files.createFile(file);
    List<CompletableFuture<Integer>> calls =
        IntStream.range(0, SIZE)
            .mapToObj(
                i ->
                    pool.function("conversing:wait")
                        .arg("path", file.toString())
                        .retries(0)
                        .callAsync(Integer.class))
            .toList();
    long end = System.nanoTime() + LONG.toNanos();
    while (pool.snapshot().workers().stream().filter(w -> w.requestId() != 0).count() < SIZE) {
      assertThat(System.nanoTime()).as("calls running").isLessThan(end);
      Thread.onSpinWait();
    }
    return calls;
  }

  // ---- worker_failure_recovery, stateless

  @Test
  void whatASessionHasSurvivesItsWorker() {
    PythonSession session = pool.pool().session("survivor");
    for (int round = 1; round <= 3; round++) {
      assertThat(add(session).call(int.class)).isEqualTo(round);
      int slot = session.info().orElseThrow().slot();
      int pid = pool.pid(slot);
      pool.pool().control().killWorker(slot);
      pool.watcher().awaitExit(pid);
    }
    assertThat(add(session).call(int.class)).isEqualTo(4);
    assertThat(session.end()).isTrue();
  }

  @Test
  void twentyIncrementsAtOnceAreAllThere() {
    PythonSession session = pool.pool().session("counted");
    List<CompletableFuture<Integer>> calls =
        IntStream.range(0, 20).mapToObj(i -> add(session).callAsync(Integer.class)).toList();

    Set<Integer> seen = calls.stream().map(c -> result(c)).collect(Collectors.toSet());

    assertThat(seen).isEqualTo(IntStream.rangeClosed(1, 20).boxed().collect(Collectors.toSet()));
    assertThat(add(session).call(int.class)).isEqualTo(21);
    assertThat(session.end()).isTrue();
  }

  // ---- load_balancing

  @Test
  void fiftyRequestsUnderLoadSpreadEvenly() throws IOException {
    Map<Integer, Integer> served = new java.util.HashMap<>();
    for (int round = 0; round * SIZE < 50; round++) {
      Path file = directory.resolve("round" + round);
      List<CompletableFuture<Integer>> calls = occupyAll(file);
      Files.delete(file);
      calls.forEach(call -> served.merge(result(call), 1, Integer::sum));
    }
    assertThat(served).hasSize(SIZE);
    assertThat(served.values()).allMatch(count -> count == 13);
  }

  // ---- session_pool_v2

  @Test
  void aCheckoutOfAMillisecondEndsInAStructuredTimeout() throws IOException {
    Path file = directory.resolve("busy");
    List<CompletableFuture<Integer>> busy = occupyAll(file);

    PythonFunction anonymous = pool.function("faulty:pid").checkoutTimeout(Duration.ofMillis(1));
    assertThatExceptionOfType(CheckoutTimeoutException.class)
        .isThrownBy(anonymous::call)
        .satisfies(e -> assertThat(e.pool()).isEqualTo("test"))
        .satisfies(e -> assertThat(e.sessionId()).isEmpty())
        .satisfies(e -> assertThat(e.counts().busy()).isEqualTo(SIZE));
    assertThatExceptionOfType(CheckoutTimeoutException.class)
        .isThrownBy(
            () ->
                pool.pool()
                    .session("late")
                    .function("conversing:look")
                    .checkoutTimeout(Duration.ofMillis(1))
                    .call())
        .satisfies(e -> assertThat(e.sessionId()).contains("late"));

    Files.delete(file);
    busy.forEach(call -> assertThat(result(call)).isPositive());
  }

  // ---- pool_v2, concurrent

  @Test
  void preWarmedWorkersAnswerAtOnceWithoutAnyBeingStarted() {
    int mark = pool.watcher().mark();
    List<CompletableFuture<Void>> pings =
        IntStream.range(0, 2).mapToObj(i -> pool.function("serpentry:ping").callAsync()).toList();

    pings.forEach(ping -> result(ping));

    assertThat(pool.watcher().all(PoolWatcher.Moved.class))
        .noneMatch(moved -> pool.watcher().indexOf(moved) >= mark);
  }

  @Test
  void commandsThatFailDisturbNoneOfTheOthers() {
    List<PythonFunction> commands = new ArrayList<>();
    for (int number = 0; number < 3; number++) {
      commands.add(pool.function("faulty:add").args(number, 1));
      commands.add(pool.function("faulty:no_such_command").args(number));
    }

    List<BatchResult<Integer>> ends = pool.pool().callAll(Integer.class, commands, SIZE);

    for (int number = 0; number < 3; number++) {
      assertThat(ends.get(2 * number).orThrow()).isEqualTo(number + 1);
      assertThat(ends.get(2 * number + 1).succeeded()).isFalse();
    }
  }

  // ---- pool_chaos

  @Test
  void theLossOfOneOfHalfAndOfAllOneAfterTheOtherIsMadeGood() {
    for (Set<Integer> slots : List.of(Set.of(0), Set.of(1, 2), Set.of(0, 1, 2, 3))) {
      Set<Integer> victims = new HashSet<>();
      for (int slot : slots) {
        int pid = pool.pid(slot);
        victims.add(pid);
        pool.pool().control().killWorker(slot);
        pool.watcher().awaitExit(pid);
        assertThat(pool.function("faulty:add").args(1, 2).idempotent().call(int.class))
            .isEqualTo(3);
      }
      assertThat(pool.awaitWhole()).hasSize(SIZE).doesNotContainAnyElementsOf(victims);
    }
  }

  @Test
  void aDeathUnderTwentyCallsEndsOnlyThoseThatItHit() {
    List<CompletableFuture<Map<?, ?>>> calls = new ArrayList<>();
    for (int number = 0; number < 20; number++) {
      calls.add(
          pool.function("serpentry_faults:token")
              .args("t" + number, 0.02)
              .callAsync(new org.serpentry.api.PythonType<Map<?, ?>>() {}));
    }
    int victim = pool.pid(0);
    pool.pool().control().killWorker(0);
    pool.watcher().awaitExit(victim);

    int answered = 0;
    for (CompletableFuture<Map<?, ?>> call : calls) {
      Throwable failure =
          call.orTimeout(60, TimeUnit.SECONDS).handle((value, thrown) -> thrown).join();
      assertThat(failure)
          .satisfiesAnyOf(
              f -> assertThat(f).isNull(),
              f -> assertThat(f).isInstanceOf(PythonPoolException.class));
      answered += failure == null ? 1 : 0;
    }
    assertThat(answered).as("the original asked for 5").isGreaterThanOrEqualTo(19);
  }

  // ---- pool_performance

  @Test
  void callsAreFarFasterThanTheOriginalAskedFor() {
    List<Long> nanos = new ArrayList<>();
    for (int number = 0; number < 50; number++) {
      long begin = System.nanoTime();
      pool.function("faulty:echo").args(number).call();
      nanos.add(System.nanoTime() - begin);
    }
    nanos.sort(null);
    assertThat(Duration.ofNanos(nanos.get(47))).as("p95").isLessThan(Duration.ofSeconds(2));

    long begin = System.nanoTime();
    List<CompletableFuture<Integer>> calls =
        IntStream.range(0, 100)
            .mapToObj(i -> pool.function("faulty:add").args(i, 0).callAsync(Integer.class))
            .toList();
    assertThat(calls.stream().map(c -> result(c)).toList())
        .isEqualTo(IntStream.range(0, 100).boxed().toList());
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .as("10 calls a second")
        .isLessThan(Duration.ofSeconds(10));
  }
}
