// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.FailureKind;
import org.serpentry.api.Health;
import org.serpentry.api.ProtocolException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.RecoveryAction;
import org.serpentry.api.WorkerActivity;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.PoolConfig;
import org.serpentry.spi.HealthEvent;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.testing.Fault;
import org.serpentry.testing.Moment;
import org.serpentry.testing.Processes;
import org.serpentry.testing.TestPool;
import org.serpentry.testing.VirtualClock;
import org.serpentry.worker.Launcher;

/** Busy workers are watched from outside: what is seen is told, and ends nothing. */
@Tag("core-pool")
@Tag("layer-2")
class BusyWatchTest {

  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  /** Its answers take real time, which the jumps of a clock do not leave it. */
  private static PoolBuilder withoutLauncherWatch(PoolBuilder builder) {
    return builder.launcherWatch(new Launcher.Watch(3_600_000, 3_600_000));
  }

  private WatchedPool start() {
    return WatchedPool.start(
        1,
        c ->
            c.healthCheckInterval(Duration.ofMillis(50))
                .cancelGrace(Duration.ofMillis(100))
                .dumpGrace(Duration.ofMillis(50))
                .termGrace(Duration.ofMillis(100))
                .life(l -> l.healthCheckTimeout(Duration.ofMillis(200))));
  }

  private static HealthEvent await(WatchedPool pool, WorkerActivity activity) {
    return pool.watcher().await(HealthEvent.class, e -> e.activity() == activity);
  }

  @Test
  void aCallThatHoldsPythonsLockForLongIsSeenToComputeAndIsNotDisturbed() throws Exception {
    try (WatchedPool pool = start()) {
      int pid = pool.pid(0);
      CompletableFuture<Integer> call =
          pool.function("patient:hold_lock").args(300_000_000).callAsync(Integer.class);
      HealthEvent event = await(pool, WorkerActivity.COMPUTING);
      assertThat(event.reason()).contains("computes").contains("patient:hold_lock");
      assertThat(event.health()).isEqualTo(Health.HEALTHY);
      assertThat(call.get()).isEqualTo(300_000_000);
      assertThat(pool.assertWhole()).containsExactly(pid);
      assertThat(pool.pool().control().decisions()).isEmpty();
    }
  }

  @Test
  void aCallThatWaitsIsSeenToWait() {
    try (WatchedPool pool = start()) {
      CompletableFuture<Void> call = pool.function("pooled:hold").callAsync();
      await(pool, WorkerActivity.WAITING);
      assertThat(pool.snapshot().workers().get(0).activity()).isEqualTo(WorkerActivity.WAITING);
      call.cancel(true);
      pool.assertWhole();
      assertThat(pool.pool().control().decisions()).isEmpty();
    }
  }

  @Test
  void aCallWhoseProcessIsStoppedIsReportedAndEndsAtItsDeadlineOnly() {
    VirtualClock clock = VirtualClock.at(Instant.EPOCH);
    try (TestPool pool =
        TestPool.builder().clock(clock).parts(BusyWatchTest::withoutLauncherWatch).start()) {
      PoolConfig config = pool.pool().config();
      int pid = pool.pid(0);
      CompletableFuture<Void> call =
          pool.function("serpentry_faults:hang").args(true).timeout(A_MINUTE).callAsync();
      pool.watcher().awaitProgress(0, "hanging");
      Processes.signal("STOP", pid);
      clock.advance(config.healthCheckInterval().plusMillis(1));
      clock.advance(config.life().healthCheckTimeout().plusMillis(1));
      assertThat(pool.watcher().all(HealthEvent.class))
          .singleElement()
          .satisfies(e -> assertThat(e.activity()).isEqualTo(WorkerActivity.STOPPED))
          .satisfies(e -> assertThat(e.reason()).contains("is stopped during").contains("hang"));
      assertThat(pool.snapshot().workers().get(0).activity()).isEqualTo(WorkerActivity.STOPPED);
      clock.advance(A_MINUTE.dividedBy(3));
      assertThat(call).isNotDone();
      assertThat(pool.pool().control().decisions()).isEmpty();

      clock.advance(A_MINUTE);

      assertThat(pool.pool().control().decisions())
          .extracting(RecoveryEvent::failure)
          .containsExactly(FailureKind.CALL_TIMED_OUT);
      clock.advance(config.cancelGrace().plusMillis(1));
      clock.advance(config.dumpGrace().plusMillis(1));
      clock.advance(config.termGrace().plusMillis(1));
      assertThat(pool.watcher().awaitExit(pid).how()).isEqualTo("signal SIGKILL");
      assertThat(call).failsWithin(Duration.ofSeconds(30));
      assertThat(pool.pool().control().decisions())
          .extracting(RecoveryEvent::failure)
          .containsExactly(FailureKind.CALL_STUCK, FailureKind.CALL_TIMED_OUT);
      assertThat(pool.awaitWhole()).doesNotContain(pid);
    }
  }

  @Test
  void everyWayToFailComesToADecision() {
    try (TestPool pool = TestPool.builder().start()) {
      PythonFunction garbage =
          pool.faults().answer(pool, "spoilt", Moment.BEFORE_REPLY, Fault.garbage(20));
      assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> garbage.call());
      pool.awaitWhole();
      PythonFunction death = pool.faults().answer(pool, "lost", Moment.BEFORE_REPLY, Fault.exit(5));
      assertThatExceptionOfType(WorkerCrashedException.class).isThrownBy(() -> death.call());
      pool.awaitWhole();
      assertThat(pool.pool().control().decisions())
          .extracting(e -> e.failure() + " " + e.decision().action())
          .containsExactly("WORKER_EXITED REMOVE", "MALFORMED_REPLY REMOVE");
      assertThat(pool.pool().control().decisions().get(0).decision().metadata())
          .containsEntry("exit", "exit code 5");
      assertThat(pool.watcher().all(RecoveryEvent.class)).hasSize(2);
    }
  }

  @Test
  void aWorkerWhoseCallsTimeOutOneAfterTheOtherIsReplacedBehindAnother() {
    try (WatchedPool pool = start()) {
      int pid = pool.function("faulty:pid").call(Integer.class);
      for (int i = 0; i < 3; i++) {
        assertThatExceptionOfType(CallTimeoutException.class)
            .isThrownBy(
                () ->
                    pool.function("faulty:sleep").args(60).timeout(Duration.ofMillis(250)).call());
      }
      assertThat(
              pool.watcher()
                  .await(RecoveryEvent.class, e -> e.decision().action() == RecoveryAction.REPLACE)
                  .decision()
                  .reason())
          .isEqualTo("max_failures");
      assertThat(pool.watcher().awaitExit(pid).expected()).isTrue();
      assertThat(pool.assertWhole()).doesNotContain(pid);
    }
  }
}
