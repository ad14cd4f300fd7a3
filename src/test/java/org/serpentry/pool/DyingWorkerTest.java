// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.original.Original;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.Processes;

/** Workers that die before, during and after calls, of every cause. */
@Original("pool_worker_v2")
@Tag("core-pool")
@Tag("layer-2")
class DyingWorkerTest {

  private static WatchedPool pool;
  private int worker;
  private int mark;

  @BeforeAll
  static void start() {
    pool = WatchedPool.start(1, c -> c);
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
    pool.watcher().awaitReady(mark, 0);
    assertThat(pool.assertWhole()).doesNotContain(worker);
    assertThat(Processes.alive(worker)).isFalse();
  }

  private void assertCrash(PythonFunction call, String exit) {
    assertThatExceptionOfType(WorkerCrashedException.class)
        .isThrownBy(call::call)
        .withMessageContaining(exit)
        .satisfies(
            e -> {
              assertThat(e.exit()).hasToString(exit);
              assertThat(e.isTransient()).as("it may have had effects").isFalse();
              assertThat(e.workerId()).isPresent();
              assertThat(e.requestId()).isPresent();
              assertThat(e.context()).containsEntry("begun", true);
            });
    assertThat(pool.watcher().awaitExit(worker).expected()).isFalse();
  }

  @Test
  void tellsTheExitCodeOfAFunctionThatEndsItsProcess() {
    assertCrash(pool.function("faulty:os_exit").args(23), "exit code 23");
  }

  @Test
  void tellsAnExitCodeOfZeroToo() {
    assertCrash(pool.function("faulty:os_exit").args(0), "exit code 0");
  }

  @Test
  void tellsTheSignalOfASegmentationFault() {
    assertCrash(pool.function("faulty:segfault"), "signal SIGSEGV");
  }

  @Test
  void quotesTheLastOutputOfAWorkerThatCrashed() {
    pool.function("faulty:print_lines").args(java.util.List.of("the last straw")).call();
    assertThatExceptionOfType(WorkerCrashedException.class)
        .isThrownBy(() -> pool.function("faulty:os_exit").args(1).call())
        .withMessageContaining("the last straw")
        .satisfies(e -> assertThat(e.lastOutput()).contains("the last straw"));
  }

  @Test
  void repeatsACallUnnoticedWhoseWorkerWasKilledBeforeItBegan() {
    long retries = pool.snapshot().calls().retries();
    // The request lies in the socket of a stopped process, which is then killed.
    Processes.signal("STOP", worker);
    CompletableFuture<Integer> call =
        pool.function("faulty:add").args(1, 2).callAsync(Integer.class);
    Processes.signal("KILL", worker);
    assertThat(call.join()).isEqualTo(3);
    assertThat(pool.snapshot().calls().retries()).isEqualTo(retries + 1);
  }

  @Test
  void servesACallThatComesAtTheMomentItsWorkerIsKilled() {
    Processes.signal("KILL", worker);
    assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
    assertThat(pool.function("faulty:add").args(1, 2).callAsync(Integer.class).join()).isEqualTo(3);
  }

  @Test
  void saysThatACallDidNotStartWhenNoRetryIsLeft() {
    Processes.signal("STOP", worker);
    CompletableFuture<Integer> call =
        pool.function("faulty:add").args(1, 2).retries(0).callAsync(Integer.class);
    Processes.signal("KILL", worker);
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(call::join)
        .withCauseInstanceOf(WorkerCrashedException.class)
        .satisfies(
            e -> {
              WorkerCrashedException crash = (WorkerCrashedException) e.getCause();
              assertThat(crash.isTransient()).isTrue();
              assertThat(crash.exit()).hasToString("signal SIGKILL");
              assertThat(crash.context()).containsEntry("begun", false);
            });
  }

  @Test
  void doesNotRepeatACallThatHadBegun() throws Exception {
    int told = pool.watcher().all(PoolWatcher.Progressed.class).size();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                pool.function("pooled:hold").call();
                failure.complete(null);
              } catch (RuntimeException e) {
                failure.complete(e);
              }
            });
    caller.start();
    pool.watcher().awaitProgress(mark, "holding");
    Processes.signal("KILL", worker);
    assertThat(failure.get())
        .isInstanceOfSatisfying(
            WorkerCrashedException.class,
            e -> {
              assertThat(e.exit()).hasToString("signal SIGKILL");
              assertThat(e.isTransient()).isFalse();
            });
    pool.watcher().awaitReady(mark, 0);
    pool.assertWhole();
    assertThat(pool.watcher().all(PoolWatcher.Progressed.class)).hasSize(told + 1);
  }

  @Test
  void repeatsABegunCallThatIsIdempotent() {
    CompletableFuture<String> call =
        pool.function("pooled:hold").args(0.3).idempotent().retries(1).callAsync(String.class);
    pool.watcher().awaitProgress(mark, "holding");
    int afterFirst = pool.watcher().mark();
    Processes.signal("KILL", worker);
    assertThat(call.join()).isEqualTo("held");
    assertThat(pool.watcher().awaitProgress(afterFirst, "holding").worker().pid())
        .isNotEqualTo(worker);
  }

  @Test
  void deliversTheReplyOfAWorkerThatDiedAfterIt() {
    assertThat(pool.function("pooled:last_words").args("goodbye").call(String.class))
        .isEqualTo("goodbye");
    assertThat(pool.watcher().awaitExit(worker).how()).isEqualTo("exit code 9");
  }

  @Test
  void deliversTheReplyOfAWorkerThatDiedAfterItAsynchronously() {
    assertThat(pool.function("pooled:last_words").args("goodbye").callAsync(String.class).join())
        .isEqualTo("goodbye");
    assertThat(pool.watcher().awaitExit(worker).how()).isEqualTo("exit code 9");
  }

  @Test
  void answersByTheFallbackWhenTheWorkerCrashed() {
    assertThat(
            pool.function("faulty:os_exit")
                .fallback(e -> "instead of " + e.type())
                .call(String.class))
        .isEqualTo("instead of worker_crashed");
  }
}
