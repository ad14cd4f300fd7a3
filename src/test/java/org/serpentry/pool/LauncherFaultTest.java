// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.FailureKind;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.api.WorkerStartException;
import org.serpentry.config.StartMethod;
import org.serpentry.config.StartMode;
import org.serpentry.spi.PoolListener.CallEnd;
import org.serpentry.spi.PoolListener.PoolEvent;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.testing.Processes;
import org.serpentry.worker.Launcher;

/** The processes behind the workers die or stop: they are replaced, and nothing of them is left. */
@Tag("core-pool")
@Tag("layer-2")
class LauncherFaultTest {

  private static final Launcher.Watch CLOSE = new Launcher.Watch(100, 2_000);

  private static long templateOf(WatchedPool pool) {
    String ready = "is ready as process ";
    List<PoolEvent> events =
        pool.watcher().all(PoolEvent.class).stream().filter(e -> e.text().contains(ready)).toList();
    String text = events.get(events.size() - 1).text();
    return Long.parseLong(text.substring(text.indexOf(ready) + ready.length()).split(" ", 2)[0]);
  }

  private static void assertCallsGoOn(WatchedPool pool, List<Long> before) {
    pool.assertWhole();
    assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
    assertThat(pool.function("faulty:add").args(1, 2).callAsync(Integer.class).join()).isEqualTo(3);
    Processes.awaitEnd(before, 5_000);
  }

  /** Waits for the loss and for a worker of the next launcher. */
  private static void awaitReturn(WatchedPool pool, int mark) {
    pool.watcher()
        .awaitAfter(mark, PoolEvent.class, e -> e.text().contains("the launcher was lost"));
    for (int slot = 0; slot < pool.snapshot().size(); slot++) {
      pool.watcher().awaitReady(mark, slot);
    }
  }

  private static void awaitSuccess(WatchedPool pool, int mark) {
    pool.watcher().awaitAfter(mark, CallEnd.class, c -> c.outcome() == Outcome.SUCCESS);
  }

  private static String decision(WatchedPool pool, FailureKind kind) {
    return pool.pool().control().decisions().stream()
        .filter(event -> event.failure() == kind)
        .map(RecoveryEvent::toString)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void replacesALauncherThatWasKilledAndEverythingOfIts() {
    try (WatchedPool pool = WatchedPool.start(2, c -> c, b -> b.launcherWatch(CLOSE))) {
      long launcher = pool.snapshot().launcherPid();
      List<Long> all = Processes.ofSession(launcher);
      assertThat(all).hasSizeGreaterThanOrEqualTo(4);
      CompletableFuture<Void> running = pool.function("pooled:hold").callAsync();
      pool.watcher().awaitProgress(0, "holding");
      int mark = pool.watcher().mark();
      Processes.signal("KILL", launcher);
      assertThat(running.handle((v, e) -> e).join()).isInstanceOf(WorkerCrashedException.class);
      awaitReturn(pool, mark);
      assertThat(pool.snapshot().launcherPid()).isNotEqualTo(launcher);
      assertThat(pool.watcher().all(RecoveryEvent.class))
          .extracting(RecoveryEvent::failure)
          .containsOnlyOnce(FailureKind.LAUNCHER_LOST);
      assertThat(decision(pool, FailureKind.LAUNCHER_LOST))
          .startsWith("test/launcher: ")
          .contains("RETRY (launcher_lost)");
      assertCallsGoOn(pool, all);
    }
  }

  @Test
  void replacesALauncherThatWasStopped() {
    try (WatchedPool pool = WatchedPool.start(2, c -> c, b -> b.launcherWatch(CLOSE))) {
      long launcher = pool.snapshot().launcherPid();
      List<Long> all = Processes.ofSession(launcher);
      int mark = pool.watcher().mark();
      Processes.signal("STOP", launcher);
      awaitReturn(pool, mark);
      assertCallsGoOn(pool, all);
    }
  }

  @Test
  void returnsFromALostLauncherThoughLazy() {
    try (WatchedPool pool =
        WatchedPool.start(2, c -> c.start(StartMode.LAZY), b -> b.launcherWatch(CLOSE))) {
      assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
      List<Long> all = Processes.ofSession(pool.snapshot().launcherPid());
      int mark = pool.watcher().mark();
      Processes.signal("KILL", pool.snapshot().launcherPid());
      pool.watcher()
          .awaitAfter(mark, PoolEvent.class, e -> e.text().contains("the launcher was lost"));
      assertCallsGoOn(pool, all);
    }
  }

  @Test
  void replacesATemplateThatWasKilledWhileItsWorkersServeOn() {
    try (WatchedPool pool = WatchedPool.start(2, c -> c)) {
      var workers = pool.assertWhole();
      int mark = pool.watcher().mark();
      Processes.signal("KILL", templateOf(pool));
      pool.watcher()
          .awaitAfter(mark, PoolEvent.class, e -> e.text().contains("is ready as process"));
      assertThat(pool.assertWhole()).isEqualTo(workers);
      assertThat(decision(pool, FailureKind.TEMPLATE_FAILED))
          .startsWith("test/template: ")
          .contains("signal 9")
          .contains("RETRY (template_failure)");
      int struck = pool.watcher().mark();
      Processes.signal("KILL", pool.pid(0));
      pool.watcher().awaitReady(struck, 0);
      assertThat(pool.assertWhole()).isNotEqualTo(workers);
    }
  }

  @Test
  void replacesATemplateThatWasStoppedOnceItIsNeeded() {
    try (WatchedPool pool = WatchedPool.start(2, c -> c)) {
      pool.assertWhole();
      long template = templateOf(pool);
      Processes.signal("STOP", template);
      int mark = pool.watcher().mark();
      Processes.signal("KILL", pool.pid(0));
      // The other worker serves meanwhile.
      assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
      pool.watcher().awaitReady(mark, 0);
      assertThat(templateOf(pool)).isNotEqualTo(template);
      assertCallsGoOn(pool, List.of(template));
    }
  }

  @Test
  void answersEveryCallThroughTheLossOfTheLauncher() throws Exception {
    try (WatchedPool pool =
        WatchedPool.start(2, c -> c.startMethod(StartMethod.SPAWN), b -> b.launcherWatch(CLOSE))) {
      int mark = pool.watcher().mark();
      CompletableFuture<Integer> answered = new CompletableFuture<>();
      Thread caller =
          new Thread(
              () -> {
                int good = 0;
                try {
                  while (!Thread.currentThread().isInterrupted()) {
                    try {
                      pool.function("faulty:add").args(good, 1).call(Integer.class);
                      good++;
                    } catch (WorkerCrashedException | WorkerStartException e) {
                      assertThat(e.pool()).isEqualTo("test");
                    } catch (PythonPoolException e) {
                      if (!Thread.currentThread().isInterrupted()) {
                        throw e;
                      }
                    }
                  }
                  answered.complete(good);
                } catch (RuntimeException | Error e) {
                  answered.completeExceptionally(e);
                }
              });
      caller.start();
      awaitSuccess(pool, mark);
      Processes.signal("KILL", pool.snapshot().launcherPid());
      awaitReturn(pool, mark);
      awaitSuccess(pool, pool.watcher().mark());
      caller.interrupt();
      assertThat(answered.get()).isPositive();
      pool.assertWhole();
    }
  }

  @Test
  void keepsTheRecoveryWithinItsBackoff() {
    Duration bound = Duration.ofSeconds(10);
    try (WatchedPool pool =
        WatchedPool.start(1, c -> c.restartBackoffMax(bound), b -> b.launcherWatch(CLOSE))) {
      long begin = System.nanoTime();
      for (int i = 0; i < 2; i++) {
        int mark = pool.watcher().mark();
        Processes.signal("KILL", pool.snapshot().launcherPid());
        awaitReturn(pool, mark);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(bound);
      pool.assertWhole();
    }
  }
}
