// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.PythonFunction;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.Processes;

/**
 * Calls that would not end: their callers are freed in time, their workers recovered or replaced.
 */
@Tag("core-pool")
@Tag("layer-2")
class StuckCallTest {

  private static final Duration SHORT = Duration.ofMillis(200);

  private static WatchedPool pool;
  private int worker;
  private int mark;

  @BeforeAll
  static void start() {
    // Long enough that a healthy worker answers its cancel, short enough for a test.
    pool =
        WatchedPool.start(
            1,
            c ->
                c.cancelGrace(Duration.ofMillis(700))
                    .dumpGrace(Duration.ofMillis(100))
                    .termGrace(Duration.ofMillis(300)));
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
  void thePoolIsWholeAgain() {
    pool.assertWhole();
    assertThat(pool.function("faulty:add").args(20, 22).call(Integer.class)).isEqualTo(42);
  }

  /** How soon after its deadline a caller is freed is a figure of the benchmarks. */
  private static CallTimeoutException assertFreed(PythonFunction call) {
    long begin = System.nanoTime();
    CallTimeoutException failure =
        assertThrows(CallTimeoutException.class, () -> call.timeout(SHORT).call());
    assertThat(failure).hasMessageContaining(call.target());
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(SHORT);
    return failure;
  }

  private List<String> rungs() {
    return pool.watcher().all(PoolWatcher.Climbed.class).stream()
        .filter(c -> c.worker().pid() == worker)
        .map(PoolWatcher.Climbed::rung)
        .toList();
  }

  @Test
  void recoversTheWorkerOfAnInfiniteLoop() {
    int before = rungs().size();
    CallTimeoutException failure = assertFreed(pool.function("faulty:spin"));
    assertThat(failure.stackDump()).as("a call that its cancellation ended").isEmpty();
    assertThat(pool.assertWhole()).containsExactly(worker);
    assertThat(rungs()).hasSize(before + 1).last().isEqualTo("cancel");
  }

  @Test
  void recoversTheWorkerOfACallThatSleepsOrWaitsInAnEventLoop() {
    assertFreed(pool.function("faulty:sleep").args(60));
    assertThat(pool.assertWhole()).containsExactly(worker);
    assertFreed(pool.function("faulty:async_sleep").args(60));
    assertThat(pool.assertWhole()).containsExactly(worker);
    assertFreed(pool.function("faulty:async_spin"));
    assertThat(pool.assertWhole()).containsExactly(worker);
  }

  @Test
  void replacesTheWorkerOfCodeThatSwallowsEveryException() {
    var ladder = pool.snapshot().ladder();
    CallTimeoutException failure = assertFreed(pool.function("faulty:swallow"));
    PoolWatcher.Exited exit = pool.watcher().awaitExit(worker);
    assertThat(exit.how()).isEqualTo("signal SIGTERM");
    assertThat(failure.stackDump()).contains("faulty.py").contains("swallow");
    assertThat(rungs()).endsWith("cancel", "dump", "term");
    assertThat(pool.watcher().awaitAfter(mark, PoolWatcher.Dumped.class, d -> true).text())
        .contains("faulty.py")
        .contains("swallow");
    assertThat(pool.snapshot().ladder().get("cancel")).isEqualTo(ladder.get("cancel") + 1);
    assertThat(pool.snapshot().ladder().get("dump")).isEqualTo(ladder.get("dump") + 1);
    assertThat(pool.snapshot().ladder().get("term")).isEqualTo(ladder.get("term") + 1);
    assertThat(pool.snapshot().ladder().get("kill")).isEqualTo(ladder.get("kill"));
  }

  @Test
  void climbsToTheKillOfOneThatIgnoresSigtermToo() {
    pool.function("faulty:ignore_sigterm").call();
    assertFreed(pool.function("faulty:swallow"));
    assertThat(pool.watcher().awaitExit(worker).how()).isEqualTo("signal SIGKILL");
    assertThat(rungs()).endsWith("cancel", "dump", "term", "kill");
  }

  @Test
  void replacesAWorkerWhoseProcessWasStopped() {
    assertFreed(pool.function("pooled:hold_stopped"));
    assertThat(pool.watcher().awaitExit(worker).how()).isEqualTo("signal SIGKILL");
  }

  @Test
  void freesACallerWhoseRequestAStoppedWorkerNeverRead() {
    Processes.signal("STOP", worker);
    String large = "x".repeat(8_000_000);
    assertFreed(pool.function("faulty:length").args(large));
    // Nothing can follow half a request on the wire, so the worker cannot be asked to cancel.
    assertThat(pool.watcher().awaitExit(worker).how()).isEqualTo("signal SIGKILL");
    assertThat(rungs()).last().isEqualTo("kill");
  }

  @Test
  void dropsTheLateReplyOfACallGivenUp() {
    for (int i = 0; i < 5; i++) {
      assertThatExceptionOfType(CallTimeoutException.class)
          .isThrownBy(() -> pool.function("pooled:token").args("late", 30).timeout(SHORT).call());
      assertThat(
              pool.function("pooled:token")
                  .args("mine")
                  .call(new org.serpentry.api.PythonType<java.util.Map<String, Object>>() {}))
          .containsEntry("token", "mine");
    }
  }

  @Test
  void cancelsPythonWhenTheCallerIsInterruptedAndKeepsTheInterrupt() throws Exception {
    CompletableFuture<Boolean> kept = new CompletableFuture<>();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                pool.function("pooled:hold").call();
              } catch (RuntimeException e) {
                failure.complete(e);
              } finally {
                kept.complete(Thread.currentThread().isInterrupted());
              }
            });
    caller.start();
    pool.watcher().awaitProgress(mark, "holding");
    caller.interrupt();
    assertThat(failure.get(5, TimeUnit.SECONDS))
        .isInstanceOf(CallCancelledException.class)
        .hasMessageContaining("interrupt");
    assertThat(kept.get()).isTrue();
    pool.watcher().awaitProgress(mark, "cancelled");
    assertThat(pool.assertWhole()).containsExactly(worker);
  }

  @Test
  void startsNothingForACallerThatIsInterruptedAlready() {
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(CallCancelledException.class)
          .isThrownBy(() -> pool.function("faulty:add").args(1, 2).call());
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(pool.watcher().mark()).isEqualTo(mark);
  }

  @Test
  void stopsWaitingForAWorkerWhenTheCallerIsInterrupted() throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    var leased = pool.lease();
    try {
      Thread caller =
          new Thread(
              () -> {
                try {
                  pool.function("faulty:add").args(1, 2).call();
                } catch (RuntimeException e) {
                  failure.complete(e);
                }
              });
      caller.start();
      caller.interrupt();
      assertThat(failure.get(5, TimeUnit.SECONDS)).isInstanceOf(CallCancelledException.class);
      assertThat(pool.snapshot().waiting()).isZero();
    } finally {
      pool.pool().giveBack(leased);
    }
  }
}
