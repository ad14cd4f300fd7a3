// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.FailureKind;
import org.serpentry.api.Health;
import org.serpentry.api.RecoveryAction;
import org.serpentry.api.WorkerState;
import org.serpentry.spi.HealthEvent;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.Processes;

/** Idle workers are probed; who fails is degraded, and comes back or is replaced. */
@Tag("core-pool")
@Tag("layer-2")
class DegradedWorkerTest {

  private static final Duration OFTEN = Duration.ofMillis(50);

  private static WatchedPool start(int size, int failures, Duration timeout) {
    return WatchedPool.start(
        size,
        c ->
            c.healthCheckInterval(OFTEN)
                .termGrace(Duration.ofMillis(100))
                .life(
                    l ->
                        l.healthCheckFunction("patient:check")
                            .healthCheckFailures(failures)
                            .healthCheckTimeout(timeout)));
  }

  /** Long enough that only a worker that does not answer at all misses it. */
  private static WatchedPool start(int size, int failures) {
    return start(size, failures, Duration.ofSeconds(20));
  }

  private static int prescribe(WatchedPool pool, String... orders) {
    return pool.function("patient:prescribe").args(List.of(orders)).call(Integer.class);
  }

  private static PoolWatcher.Moved awaitMove(WatchedPool pool, int mark, WorkerState to) {
    return pool.watcher().awaitAfter(mark, PoolWatcher.Moved.class, m -> m.transition().to() == to);
  }

  private static RecoveryEvent awaitDecision(WatchedPool pool, RecoveryAction action) {
    return pool.watcher().await(RecoveryEvent.class, e -> e.decision().action() == action);
  }

  @Test
  void aWorkerIsHealthyFromItsHandshakeOn() {
    try (WatchedPool pool = WatchedPool.start(1, c -> c.healthCheckInterval(Duration.ZERO))) {
      assertThat(pool.snapshot().workers().get(0).health()).isEqualTo(Health.HEALTHY);
      assertThat(pool.pool().crew().slot(0).current().canAcceptWork()).isTrue();
      assertThat(pool.pool().control().counts().idle()).isEqualTo(1);
    }
  }

  @Test
  void probesAnIdleWorkerWithoutCountingCalls() {
    try (WatchedPool pool = start(1, 3)) {
      HealthEvent event = pool.watcher().await(HealthEvent.class, e -> true);
      assertThat(event.health()).isEqualTo(Health.HEALTHY);
      assertThat(event.failures()).isZero();
      assertThat(pool.snapshot().workers().get(0).served()).isZero();
      assertThat(pool.snapshot().calls().succeeded()).isZero();
      assertThat(pool.watcher().all(PoolWatcher.Moved.class)).hasSize(1);
    }
  }

  @Test
  void aWorkerThatFailsTwiceAndThenSucceedsServesAgain() {
    try (WatchedPool pool = start(1, 3)) {
      int pid = prescribe(pool, "fail", "fail");
      int mark = pool.watcher().mark();

      awaitMove(pool, mark, WorkerState.DEGRADED);
      assertThat(pool.function("faulty:pid").call(Integer.class)).isEqualTo(pid);

      assertThat(
              pool.watcher().all(PoolWatcher.Moved.class).stream()
                  .map(m -> m.transition().to() + " " + m.transition().reason()))
          .containsExactly("READY handshake", "DEGRADED health_degraded", "READY health_restored");
      assertThat(pool.pool().control().decisions())
          .extracting(e -> e.failure() + " " + e.decision().metadata().get("failures"))
          .containsExactly("PROBE_FAILED 2", "PROBE_FAILED 1");
      assertThat(pool.pool().control().decisions())
          .allMatch(e -> e.detail().contains("not well today"))
          .allMatch(e -> e.decision().action() == RecoveryAction.DEGRADE);
      assertThat(pool.snapshot().workers().get(0).health()).isEqualTo(Health.HEALTHY);
      assertThat(pool.snapshot().workers().get(0).failedProbes()).isZero();
    }
  }

  @Test
  void aCallThatWaitsForADegradedWorkerIsServedAtItsRecovery(@TempDir Path directory)
      throws Exception {
    Path gate = fifo(directory);
    try (WatchedPool pool = start(1, 3)) {
      int pid = prescribe(pool, "fail", gate.toString());
      int mark = pool.watcher().mark();
      awaitMove(pool, mark, WorkerState.DEGRADED);
      pool.watcher().awaitProgress(mark, "checking");
      CompletableFuture<Integer> waits = pool.function("faulty:pid").callAsync(Integer.class);
      assertThat(pool.snapshot().workers().get(0).health()).isEqualTo(Health.UNHEALTHY);
      assertThat(waits).isNotDone();

      Files.writeString(gate, "well");

      assertThat(waits.get()).isEqualTo(pid);
    }
  }

  @Test
  void aHealthCheckThatAlwaysRaisesHasItsWorkerReplaced() {
    try (WatchedPool pool = start(1, 3)) {
      int pid = prescribe(pool, "fail", "fail", "fail", "fail", "fail", "fail");
      RecoveryEvent replace = awaitDecision(pool, RecoveryAction.REPLACE);
      assertThat(replace.decision().reason()).isEqualTo("health_check_limit");
      assertThat(replace.detail()).contains("ValueError").contains("not well today");
      assertThat(pool.watcher().awaitExit(pid).expected()).isTrue();
      assertThat(pool.assertWhole()).doesNotContain(pid);
    }
  }

  @Test
  void aWorkerThatIsStoppedWhileIdleIsDegradedThenReplacedBehindAnother() {
    try (WatchedPool pool = start(1, 2, Duration.ofMillis(300))) {
      int pid = pool.pid(0);
      int mark = pool.watcher().mark();

      Processes.signal("STOP", pid);

      RecoveryEvent degrade = awaitDecision(pool, RecoveryAction.DEGRADE);
      assertThat(degrade.worker().pid()).isEqualTo(pid);
      assertThat(degrade.failure()).isEqualTo(FailureKind.PROBE_FAILED);
      assertThat(degrade.detail()).contains("no answer within 300 ms");
      assertThat(awaitDecision(pool, RecoveryAction.REPLACE).worker().pid()).isEqualTo(pid);
      PoolWatcher.Moved ready = pool.watcher().awaitReady(mark, 0);
      PoolWatcher.Exited exit = pool.watcher().awaitExit(pid);
      assertThat(ready.worker().pid()).isNotEqualTo(pid);
      assertThat(pool.watcher().indexOf(ready)).isLessThan(pool.watcher().indexOf(exit));
      assertThat(exit.how()).isEqualTo("signal SIGKILL");
      assertThat(pool.assertWhole()).doesNotContain(pid);
    }
  }

  @Test
  void aStoppedWorkerThatIsContinuedInTimeServesAgain() {
    try (WatchedPool pool = start(1, 100, Duration.ofMillis(300))) {
      int pid = pool.pid(0);
      int mark = pool.watcher().mark();
      Processes.signal("STOP", pid);
      awaitMove(pool, mark, WorkerState.DEGRADED);

      Processes.signal("CONT", pid);

      assertThat(pool.function("faulty:pid").call(Integer.class)).isEqualTo(pid);
      assertThat(pool.function("faulty:add").args(2, 3).call(Integer.class)).isEqualTo(5);
    }
  }

  @Test
  void aHealthCheckThatHangsIsCancelledAndTheNextOneCounts() {
    try (WatchedPool pool = start(1, 3, Duration.ofMillis(500))) {
      int pid = prescribe(pool, "hang");
      assertThat(awaitDecision(pool, RecoveryAction.DEGRADE).detail()).contains("no answer");
      assertThat(pool.function("faulty:pid").call(Integer.class)).isEqualTo(pid);
    }
  }

  @Test
  void aWorkerThatDiesOfItsProbeIsReplacedAsADeadOne() {
    try (WatchedPool pool = start(1, 3)) {
      int pid = prescribe(pool, "exit");
      RecoveryEvent event = awaitDecision(pool, RecoveryAction.REMOVE);
      assertThat(event.failure()).isEqualTo(FailureKind.WORKER_EXITED);
      assertThat(event.decision().metadata()).containsEntry("exit", "exit code 7");
      assertThat(pool.assertWhole()).doesNotContain(pid);
      assertThat(pool.pool().control().decisions()).hasSize(1);
    }
  }

  @Test
  void aCallThatComesDuringAProbeGetsAnotherWorkerOrWaitsForTheProbesEnd(@TempDir Path directory)
      throws Exception {
    Path gate = fifo(directory);
    try (WatchedPool pool = start(2, 3)) {
      int probed = prescribe(pool, gate.toString());
      pool.watcher().awaitProgress(0, "checking");
      int other = pool.function("faulty:pid").call(Integer.class);
      assertThat(other).isNotEqualTo(probed);

      CompletableFuture<Void> held = pool.function("pooled:hold").callAsync();
      pool.watcher().awaitProgress(0, "holding");
      CompletableFuture<Integer> waits = pool.function("faulty:pid").callAsync(Integer.class);
      Files.writeString(gate, "well");

      assertThat(waits.get()).isEqualTo(probed);
      held.cancel(true);
      assertThat(pool.pool().control().decisions()).isEmpty();
    }
  }

  @Test
  void aDegradedWorkerIsRecycledAtOnceOnDemand(@TempDir Path directory) throws Exception {
    Path gate = fifo(directory);
    try (WatchedPool pool = start(1, 3)) {
      int pid = prescribe(pool, "fail", gate.toString());
      pool.watcher().awaitProgress(0, "checking");
      pool.pool().control().recycleWorker(0);
      assertThat(pool.watcher().awaitExit(pid).expected()).isTrue();
      assertThat(pool.assertWhole()).doesNotContain(pid);
    }
  }

  @Test
  void aPoolClosesWithoutWaitingForAProbe(@TempDir Path directory) throws Exception {
    Path gate = fifo(directory);
    WatchedPool pool = start(1, 3);
    try (pool) {
      prescribe(pool, gate.toString());
      pool.watcher().awaitProgress(0, "checking");
    }
    // The drain would have lasted for shutdown-timeout, and the worker would have been cut off.
    assertThat(
            pool.watcher().all(PoolWatcher.Moved.class).stream()
                .map(m -> m.transition().to() + " " + m.transition().reason()))
        .contains("TERMINATING the pool was closed");
    assertThat(pool.watcher().all(RecoveryEvent.class)).isEmpty();
  }

  @Test
  void listenersComeAndGoAtRunTime() {
    try (WatchedPool pool = start(1, 3)) {
      PoolWatcher late = new PoolWatcher();
      pool.pool().attach(late);
      late.await(HealthEvent.class, e -> true);
      pool.pool().detach(late);
      // What was being told at that moment is over once the control thread has answered.
      pool.pool().control().resize(1);
      int heard = late.mark();
      int mark = pool.watcher().mark();
      pool.watcher().awaitAfter(mark, HealthEvent.class, e -> true);
      assertThat(late.mark()).isEqualTo(heard);
    }
  }

  private static Path fifo(Path directory) throws IOException, InterruptedException {
    Path path = directory.resolve("gate");
    assertThat(new ProcessBuilder("mkfifo", path.toString()).inheritIO().start().waitFor())
        .isZero();
    return path;
  }
}
