// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

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
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PythonType;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.Processes;

/** The ends of workers that run several calls: death, retirement, stuck calls, the pool's close. */
@Tag("core-pool")
@Tag("layer-2")
class SharedWorkerLifeTest {

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};

  @TempDir private Path directory;

  private static WatchedPool pool(int size, int places, UnaryOperator<PoolConfigBuilder> more) {
    return WatchedPool.start(
        size, c -> more.apply(c.queueCapacity(1_000).life(l -> l.callsPerWorker(places))));
  }

  private static <T> T result(CompletableFuture<T> call) {
    return call.orTimeout(60, TimeUnit.SECONDS).join();
  }

  private static void awaitWaiting(WatchedPool pool, int mark, int count) {
    int from = mark;
    for (int i = 0; i < count; i++) {
      from = pool.watcher().indexOf(pool.watcher().awaitProgress(from, "waiting")) + 1;
    }
  }

  private List<CompletableFuture<Map<String, Object>>> held(WatchedPool pool, int count) {
    int mark = pool.watcher().mark();
    List<CompletableFuture<Map<String, Object>>> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      calls.add(
          pool.function("several:wait_for_file")
              .args(directory.resolve("go").toString(), "token " + i)
              .callAsync(OBJECT));
    }
    awaitWaiting(pool, mark, count);
    return calls;
  }

  private void letGo() throws IOException {
    Files.createFile(directory.resolve("go"));
  }

  private static void assertAnswered(
      List<CompletableFuture<Map<String, Object>>> calls, int worker) {
    for (int i = 0; i < calls.size(); i++) {
      assertThat(result(calls.get(i)))
          .containsEntry("pid", "" + worker)
          .containsEntry("token", "token " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"several:wait_for", "several:wait_for_async"})
  void aWorkersDeathFailsEachCallThatHadBegunOnItsOwn(String target) {
    try (WatchedPool pool = pool(1, 8, c -> c)) {
      List<CompletableFuture<Object>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(pool.function(target).args("never").callAsync(Object.class));
      }
      awaitWaiting(pool, 0, 8);
      Processes.signal("KILL", pool.pid(0));
      Set<Object> requests = new HashSet<>();
      for (CompletableFuture<Object> call : calls) {
        Throwable failure = catchThrowable(() -> result(call)).getCause();
        assertThat(failure).isInstanceOf(WorkerCrashedException.class);
        WorkerCrashedException crash = (WorkerCrashedException) failure;
        assertThat(crash.context()).containsEntry("begun", true);
        assertThat(crash.isTransient()).isFalse();
        requests.add(crash.requestId());
      }
      assertThat(requests).hasSize(8);
      assertThat(pool.function("several:echo").args("alive").call(String.class)).isEqualTo("alive");
    }
  }

  @Test
  void callsThatADeadWorkerCertainlyDidNotBeginAreTriedAgain() {
    try (WatchedPool pool = pool(1, 8, c -> c.maxRetries(3))) {
      int worker = pool.pid(0);
      assertThat(pool.function("several:echo").args("warm").call(String.class)).isEqualTo("warm");
      Processes.signal("STOP", worker);
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(pool.function("several:echo").args("token " + i).callAsync(String.class));
      }
      Processes.signal("KILL", worker);
      for (int i = 0; i < 8; i++) {
        assertThat(result(calls.get(i))).isEqualTo("token " + i);
      }
      assertThat(pool.snapshot().calls().retries()).isEqualTo(8);
    }
  }

  @Test
  void aStuckCallIsAbandonedWhileItsNeighboursFinish() throws IOException {
    try (WatchedPool pool =
        pool(
            1,
            8,
            c ->
                c.cancelGrace(Duration.ofMillis(300))
                    .dumpGrace(Duration.ofMillis(100))
                    .termGrace(Duration.ofMillis(300)))) {
      int worker = pool.pid(0);
      List<CompletableFuture<Map<String, Object>>> neighbours = held(pool, 5);
      CompletableFuture<Object> stuck =
          pool.function("several:wait_deaf")
              .args("never")
              .timeout(Duration.ofMillis(200))
              .callAsync(Object.class);
      Throwable failure = catchThrowable(() -> result(stuck)).getCause();
      assertThat(failure).isInstanceOf(CallTimeoutException.class);
      pool.watcher().await(PoolWatcher.Climbed.class, c -> c.rung().equals("abandon"));
      pool.watcher().await(PoolWatcher.Dumped.class, d -> d.text().contains("wait_deaf"));
      Map<String, Object> elsewhere =
          pool.function("several:wait_for_file").args("/", "new").call(OBJECT);
      assertThat(elsewhere).doesNotContainEntry("pid", "" + worker);
      assertThat(neighbours).noneMatch(CompletableFuture::isDone);
      assertThat(pool.snapshot().ladder()).containsEntry("abandon", 1L).containsEntry("term", 0L);
      letGo();
      assertAnswered(neighbours, worker);
      assertThat(pool.watcher().awaitExit(worker).how()).isEqualTo("signal SIGTERM");
      assertThat(((CallTimeoutException) failure).stackDump()).contains("wait_deaf");
      assertThat(pool.watcher().all(PoolWatcher.Climbed.class))
          .filteredOn(c -> c.worker().pid() == worker)
          .extracting(PoolWatcher.Climbed::rung)
          .containsExactly("cancel", "dump", "abandon", "term");
      assertThat(pool.watcher().all(RecoveryEvent.class))
          .extracting(e -> e.failure() + " " + e.decision().action())
          .containsExactly("CALL_TIMED_OUT RETRY", "CALL_ABANDONED REPLACE", "CALL_STUCK REMOVE");
    }
  }

  @Test
  void aRecycledWorkerFinishesItsCallsWhileItsSuccessorTakesTheNewOnes() throws IOException {
    try (WatchedPool pool = pool(1, 8, c -> c)) {
      int worker = pool.pid(0);
      List<CompletableFuture<Map<String, Object>>> running = held(pool, 8);
      pool.pool().control().recycleWorkersOneByOne().orTimeout(30, TimeUnit.SECONDS).join();
      Map<String, Object> elsewhere =
          pool.function("several:wait_for_file").args("/", "new").call(OBJECT);
      assertThat(elsewhere).doesNotContainEntry("pid", "" + worker);
      assertThat(running).noneMatch(CompletableFuture::isDone);
      letGo();
      assertAnswered(running, worker);
      PoolWatcher.Exited exit = pool.watcher().awaitExit(worker);
      assertThat(exit.how()).isEqualTo("exit code 0");
      assertThat(exit.expected()).isTrue();
    }
  }

  @Test
  void aWorkerTooManyLeavesAfterItsCalls() throws IOException {
    try (WatchedPool pool = pool(2, 4, c -> c)) {
      List<CompletableFuture<Map<String, Object>>> running = held(pool, 8);
      int second = pool.pid(1);
      pool.pool().control().resize(1);
      assertThat(running).noneMatch(CompletableFuture::isDone);
      letGo();
      Set<Object> pids = new HashSet<>();
      for (int i = 0; i < 8; i++) {
        Map<String, Object> answer = result(running.get(i));
        assertThat(answer).containsEntry("token", "token " + i);
        pids.add(answer.get("pid"));
      }
      assertThat(pids).as("calls are spread").hasSize(2);
      assertThat(pool.watcher().awaitExit(second).how()).isEqualTo("exit code 0");
    }
  }

  @Test
  void closingThePoolAnswersEveryCaller() {
    WatchedPool pool = pool(2, 4, c -> c.shutdownTimeout(Duration.ofMillis(50)));
    List<CompletableFuture<Map<String, Object>>> running = held(pool, 6);
    CompletableFuture<Object> inThread =
        CompletableFuture.supplyAsync(
            () -> pool.function("several:wait_deaf").args("never").call(Object.class));
    pool.watcher().await(PoolWatcher.Progressed.class, p -> p.requestId() >= 7);
    pool.close();
    List<CompletableFuture<?>> all = new ArrayList<>(running);
    all.add(inThread);
    for (CompletableFuture<?> call : all) {
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(() -> result(call))
          .withCauseInstanceOf(PoolClosedException.class);
    }
    assertThat(pool.pool().context().runDirectory()).doesNotExist();
  }

  @Test
  void closingThePoolLetsCallsFinishInItsTime() throws IOException {
    WatchedPool pool = pool(1, 4, c -> c.shutdownTimeout(Duration.ofSeconds(60)));
    int worker = pool.pid(0);
    List<CompletableFuture<Map<String, Object>>> running = held(pool, 3);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(pool::close);
    while (!pool.pool().control().closed()) {
      Thread.onSpinWait();
    }
    letGo();
    assertAnswered(running, worker);
    result(closing);
  }
}
