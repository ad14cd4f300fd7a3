// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PoolFailedException;
import org.serpentry.api.ProtocolException;
import org.serpentry.recovery.ErrorHandling.Strategy;
import org.serpentry.spi.ErrorAlert;
import org.serpentry.spi.PoolHealth;
import org.serpentry.spi.PoolHealth.Status;
import org.serpentry.spi.PoolListener.PoolEvent;
import org.serpentry.testing.Processes;
import org.serpentry.testing.TestPool;
import org.serpentry.testing.VirtualClock;
import org.serpentry.worker.Launcher;

/**
 * The supervisor, the pool monitor and the error alerts of a real pool, on a clock of the test's.
 */
@Tag("core-pool")
@Tag("layer-2")
class SupervisionTest {
  /** The clock's jumps are no silence of the launcher's. */
  static final Launcher.Watch PATIENT = new Launcher.Watch(3_600_000, 36_000_000);

  private final VirtualClock clock = VirtualClock.at(Instant.parse("2026-01-01T00:00:00Z"));

  @Test
  void aLauncherThatDiesSixTimesInAMinuteFailsThePoolUntilItsCooldown() {
    try (TestPool pool = start()) {
      fail(pool);

      assertThat(catchThrowable(() -> add(pool)))
          .isInstanceOf(PoolFailedException.class)
          .hasMessageContaining("more than 5 times within PT1M")
          .hasMessageContaining("launcher=6");
      assertThat(catchThrowable(() -> pool.function("faulty:add").args(1, 2).callAsync().join()))
          .hasCauseInstanceOf(PoolFailedException.class);
      assertThat(pool.snapshot().fault()).isEqualTo(resilience(pool).failure()).isNotEmpty();
      assertThat(resilience(pool).health().status()).isEqualTo(Status.UNHEALTHY);
      assertThat(resilience(pool).monitor().restarts()).isEqualTo(6);

      clock.advance(Duration.ofSeconds(60));

      assertWhole(pool);
    }
  }

  @Test
  void anOperatorRestartsAFailedPool() {
    try (TestPool pool = start()) {
      fail(pool);
      resilience(pool).restart();
      assertWhole(pool);
    }
  }

  @Test
  void deathsOfWorkersDoNotCount() {
    try (TestPool pool = start()) {
      for (int i = 0; i < 8; i++) {
        int pid = pool.pid(0);
        Processes.signal("KILL", pid);
        pool.watcher().awaitExit(pid);
        pool.awaitWhole();
      }
      assertThat(resilience(pool).failure()).isEmpty();
      assertThat(resilience(pool).monitor().restarts()).isZero();
    }
  }

  @Test
  void theMonitorTellsWhenThePoolIsNotWhatItWas() {
    try (TestPool pool = start()) {
      assertThat(resilience(pool).health().status()).isEqualTo(Status.HEALTHY);
      pool.pool().control().suspend();
      clock.advance(Duration.ofSeconds(30));

      PoolHealth told = pool.watcher().await(PoolHealth.class, h -> true);
      assertThat(told.status()).isEqualTo(Status.DEGRADED);
      assertThat(told.reasons()).containsExactly("an operator has suspended it");

      pool.pool().control().resume();
      clock.advance(Duration.ofSeconds(30));
      pool.watcher().await(PoolHealth.class, h -> h.status() == Status.HEALTHY);
    }
  }

  @Test
  void aCheckPingsThePool() {
    try (TestPool pool = start()) {
      assertThat(resilience(pool).check().join().status()).isEqualTo(Status.HEALTHY);
      pool.pool().control().suspend();
      PoolHealth suspended = resilience(pool).check().join();

      assertThat(suspended.status()).isEqualTo(Status.UNHEALTHY);
      assertThat(suspended.reasons().get(0)).contains("ping", "suspended");
      assertThat(resilience(pool).monitor().checks()).isEqualTo(2);
      assertThat(resilience(pool).monitor().failedChecks()).isEqualTo(1);
      assertThat(resilience(pool).monitor().lastCheck()).isEqualTo(clock.instant());
    }
  }

  @Test
  void tooManyFailuresAreToldOnce() {
    try (TestPool pool =
        TestPool.builder()
            .modules(Path.of("python/tests/modules"))
            .settings(c -> c.resilience(r -> r.errorAlerts(true)))
            .clock(clock)
            .start()) {
      for (int i = 0; i < 12; i++) {
        assertThat(catchThrowable(() -> pool.function("faulty:sleep").args(-1).call())).isNotNull();
      }
      clock.advance(Duration.ofSeconds(5));

      ErrorAlert alert = pool.watcher().await(ErrorAlert.class, a -> true);
      assertThat(alert.kind()).isEqualTo(ErrorAlert.Kind.RATE);
      assertThat(alert.rate()).isEqualTo(1);
      assertThat(alert.text()).isEqualTo("12 of 12 calls failed within PT1M, more than 10 percent");
      pool.watcher().await(PoolEvent.class, e -> e.warning() && e.text().contains(alert.text()));
      clock.advance(Duration.ofSeconds(5));
      assertThat(resilience(pool).alerts()).containsExactly(alert);
      assertThat(resilience(pool).errorTotals().failures()).isEqualTo(12);

      resilience(pool).resetErrors();
      assertThat(resilience(pool).errorTotals().calls()).isZero();
      assertThat(resilience(pool).alerts()).isEmpty();
    }
  }

  @Test
  void withoutErrorAlertsNobodyIsToldButByATest() {
    try (TestPool pool = start()) {
      for (int i = 0; i < 12; i++) {
        assertThat(catchThrowable(() -> pool.function("faulty:sleep").args(-1).call())).isNotNull();
      }
      clock.advance(Duration.ofSeconds(60));
      resilience(pool).sendTestAlert();

      ErrorAlert alert = pool.watcher().await(ErrorAlert.class, a -> true);
      assertThat(alert.kind()).isEqualTo(ErrorAlert.Kind.TEST);
      assertThat(resilience(pool).alerts()).containsExactly(alert);
    }
  }

  @Test
  void adviceKnowsWhetherAnyWorkerServes() {
    try (TestPool pool = start()) {
      ProtocolException failure =
          new ProtocolException(ErrorContext.ofPool("test"), "half a frame", null);
      assertThat(resilience(pool).advise(failure, 3, false).strategy())
          .isEqualTo(Strategy.IMMEDIATE_RETRY);
      fail(pool);
      assertThat(resilience(pool).advise(failure, 3, false).strategy()).isEqualTo(Strategy.ABANDON);
    }
  }

  private TestPool start() {
    return TestPool.builder()
        .modules(Path.of("python/tests/modules"))
        .parts(b -> b.launcherWatch(PATIENT))
        .clock(clock)
        .start();
  }

  private static Resilience resilience(TestPool pool) {
    return pool.pool().control().resilience();
  }

  private static void fail(TestPool pool) {
    for (int i = 0; i < 6; i++) {
      int mark = pool.watcher().mark();
      Processes.signal("KILL", pool.snapshot().launcherPid());
      pool.watcher()
          .awaitAfter(mark, PoolEvent.class, e -> e.text().contains("the launcher was lost"));
      if (i < 5) {
        pool.watcher().awaitReady(mark, 0);
      }
    }
    pool.watcher().await(PoolEvent.class, e -> e.text().startsWith("the pool has failed"));
  }

  private static void assertWhole(TestPool pool) {
    pool.awaitWhole();
    assertThat(add(pool)).isEqualTo(3);
    assertThat(resilience(pool).failure()).isEmpty();
    assertThat(resilience(pool).health().status()).isEqualTo(Status.HEALTHY);
  }

  private static int add(TestPool pool) {
    return pool.function("faulty:add").args(1, 2).call(Integer.class);
  }
}
