// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.CheckoutTimeoutException;
import org.serpentry.api.QueueFullException;
import org.serpentry.api.WorkerState;
import org.serpentry.spi.HealthEvent;
import org.serpentry.spi.PoolListener.PoolEvent;
import org.serpentry.spi.PoolListener.SlowCall;
import org.serpentry.spi.ReloadEvent;
import org.serpentry.spi.ReloadEvent.Step;
import org.serpentry.testing.PoolWatcher.Logged;
import org.serpentry.testing.PoolWatcher.Moved;
import org.serpentry.testing.PoolWatcher.Recycled;

/** Settings that are changed while the pool runs hold from then on. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class LiveSettingsTest {

  private static void change(WatchedPool pool, String key, String value) {
    pool.pool().operator().change(key, value, "test");
  }

  private static CompletableFuture<Object> sleeping(WatchedPool pool) {
    CompletableFuture<Object> call = pool.function("faulty:sleep").args(60).callAsync(Object.class);
    while (pool.pool().operator().running().isEmpty()) {
      Thread.onSpinWait();
    }
    return call;
  }

  @Test
  void theRunOfTheNextCall() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      change(pool, "operation-timeout", "200ms");
      assertThatThrownBy(() -> pool.function("faulty:sleep").args(60).call())
          .isInstanceOf(CallTimeoutException.class);
    }
  }

  @Test
  void theWaitOfTheNextCall() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      CompletableFuture<Object> running = sleeping(pool);
      change(pool, "checkout-timeout", "200ms");
      assertThatThrownBy(() -> pool.function("faulty:pid").call())
          .isInstanceOf(CheckoutTimeoutException.class);
      running.cancel(true);
    }
  }

  @Test
  void theQueuesCapacity() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      CompletableFuture<Object> running = sleeping(pool);
      change(pool, "queue-capacity", "0");

      assertThatThrownBy(() -> pool.function("faulty:pid").call())
          .isInstanceOf(QueueFullException.class)
          .hasMessageContaining("0");
      assertThat(pool.snapshot().queueCapacity()).isZero();
      running.cancel(true);
    }
  }

  @Test
  void theCallsThatAWorkerRunsAtOnce() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      int pid = pool.pid(0);
      int mark = pool.watcher().mark();
      change(pool, "calls-per-worker", "3");
      pool.watcher().awaitAfter(mark, ReloadEvent.class, event -> event.step() == Step.DONE);

      List<CompletableFuture<Object>> calls =
          Stream.of(1, 2, 3)
              .map(i -> pool.function("faulty:async_sleep").args(60).callAsync(Object.class))
              .toList();
      List<PoolOperator.Running> running = pool.pool().operator().running();
      while (running.size() < 3) {
        Thread.onSpinWait();
        running = pool.pool().operator().running();
      }
      assertThat(running).extracting(PoolOperator.Running::pid).doesNotContain(pid);
      assertThat(running).extracting(PoolOperator.Running::slot).containsOnly(0);
      calls.forEach(call -> call.cancel(true));

      int back = pool.watcher().mark();
      change(pool, "calls-per-worker", "1");
      pool.watcher().awaitAfter(back, ReloadEvent.class, event -> event.step() == Step.DONE);
      assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
      assertThat(pool.pool().operator().settings().export()).isEmpty();
      assertThatThrownBy(() -> change(pool, "calls-per-worker", "65"))
          .hasMessageContaining("64 at most");
      pool.assertWhole();
    }
  }

  @Test
  void callsAtOnceGoBackWhereSuchWorkersDoNotStart(@TempDir Path modules) throws Exception {
    Path module = Files.writeString(modules.resolve("starting.py"), "");
    try (WatchedPool pool =
        WatchedPool.start(1, config -> config.preload(List.of("starting")), modules)) {
      int pid = pool.pid(0);
      Files.writeString(module, "raise LookupError('no licence')\n");
      int mark = pool.watcher().mark();
      change(pool, "calls-per-worker", "3");
      pool.watcher()
          .awaitAfter(
              mark, PoolEvent.class, event -> event.text().contains("calls-per-worker is 1 again"));
      assertThat(pool.pool().operator().settings().export()).isEmpty();
      assertThat(pool.assertWhole()).containsExactly(pid);
    }
  }

  @Test
  void theInterpreterOfTheNextLauncher(@TempDir Path directory) throws Exception {
    Path other = directory.resolve("other-python");
    try (WatchedPool pool =
        WatchedPool.start(1, config -> config.resilience(r -> r.supervisorRestarts(0)))) {
      String script = "#!/bin/sh\nOTHER=yes exec %s \"$@\"\n";
      String real = pool.pool().context().python().interpreter().toString();
      Files.writeString(other, script.formatted(real));
      Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwx------"));
      String own = pool.pool().operator().settings().text("interpreter");

      change(pool, "interpreter", other.toString());

      assertThat(pool.function("faulty:environment").args("OTHER").call(String.class))
          .isEqualTo("yes");
      int mark = pool.watcher().mark();
      change(pool, "interpreter", directory.resolve("missing").toString());
      pool.watcher().awaitAfter(mark, PoolEvent.class, event -> event.text().contains("missing"));
      int repaired = pool.watcher().mark();
      change(pool, "interpreter", own);
      pool.watcher().awaitReady(repaired, 0);
      pool.assertWhole();
      assertThat(pool.function("faulty:environment").args("OTHER").call(String.class)).isNull();
      assertThat(pool.pool().operator().settings().export()).isEmpty();
    }
  }

  @Test
  void theNumberOfWorkersAndTheRoomForMore() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      change(pool, "max-size", "3");
      assertThat(pool.snapshot().maxSize()).isEqualTo(3);

      change(pool, "size", "2");
      assertThat(pool.snapshot().maxSize()).isEqualTo(4);
      pool.watcher()
          .await(
              Moved.class, m -> m.worker().slot() == 1 && m.transition().to() == WorkerState.READY);
      pool.pool().control().resize(1);
      assertThat(pool.pool().operator().settings().text("size")).isEqualTo("1");
      assertThat(pool.snapshot().maxSize()).isEqualTo(3);
    }
  }

  @Test
  void recyclingLimitsOfWorkersThatServeAlready() {
    try (WatchedPool pool =
        WatchedPool.start(1, config -> config.life(life -> life.recycleJitter(0)))) {
      pool.function("faulty:pid").call();
      pool.function("faulty:pid").call();
      int mark = pool.watcher().mark();

      change(pool, "max-requests", "2");

      assertThat(pool.watcher().awaitAfter(mark, Recycled.class, event -> true).reason().limit())
          .isEqualTo("max-requests");
      pool.assertWhole();
    }
  }

  @Test
  void aLimitOfCallsThatAWorkerReachesLaterThanItIsSet() {
    try (WatchedPool pool =
        WatchedPool.start(
            1,
            config ->
                config.life(
                    life ->
                        life.recycleJitter(0)
                            .maxRequests(3)
                            .memoryCheckInterval(Duration.ofHours(1))))) {
      pool.function("faulty:pid").call();
      change(pool, "max-requests", "5");
      int mark = pool.watcher().mark();
      for (int i = 2; i <= 5; i++) {
        pool.function("faulty:pid").call();
      }

      Recycled recycled = pool.watcher().awaitAfter(mark, Recycled.class, event -> true);
      assertThat(recycled.reason().limit()).isEqualTo("max-requests");
      assertThat(recycled.reason().value()).contains("5");
      pool.assertWhole();
    }
  }

  @Test
  void theIntervalOfHealthChecksAlsoWhereThereWereNone() {
    try (WatchedPool pool =
        WatchedPool.start(1, config -> config.healthCheckInterval(Duration.ZERO))) {
      int mark = pool.watcher().mark();

      change(pool, "health-check-interval", "20ms");

      pool.watcher().awaitAfter(mark, HealthEvent.class, event -> true);
    }
  }

  @Test
  void theThresholdOfSlowCallsOfWhichEachIsToldOnce() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      CompletableFuture<Object> running = sleeping(pool);

      change(pool, "slow-call-threshold", "1ms");

      SlowCall slow = pool.watcher().await(SlowCall.class, call -> true);
      assertThat(slow.target()).isEqualTo("faulty:sleep");
      assertThat(slow.caller()).isEqualTo(Thread.currentThread().getName());
      assertThat(slow.runningMillis()).isPositive();
      running.cancel(true);
      CompletableFuture<Object> other = sleeping(pool);
      pool.watcher().await(SlowCall.class, call -> call.requestId() != slow.requestId());
      assertThat(pool.watcher().all(SlowCall.class))
          .filteredOn(call -> call.requestId() == slow.requestId())
          .hasSize(1);
      other.cancel(true);
    }
  }

  @Test
  void theLevelOfPythonsLogInWorkersThatServeAndInLaterOnes() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      pool.function("faulty:log").args("too fine", 10).call();

      change(pool, "log-level", "debug");
      // The worker is told between two calls; one after the other runs until it has been.
      int mark = pool.watcher().mark();
      while (pool.watcher().all(Logged.class).isEmpty()) {
        pool.function("faulty:log").args("fine", 10).call();
      }
      pool.watcher().awaitAfter(mark, Logged.class, logged -> says(logged, "fine"));
      pool.pool().control().recycleWorkersOneByOne().join();
      pool.function("faulty:log").args("as fine", 10).call();
      pool.watcher().awaitAfter(mark, Logged.class, logged -> says(logged, "as fine"));

      change(pool, "log-level", "error");
      pool.pool().control().recycleWorkersOneByOne().join();
      mark = pool.watcher().mark();
      pool.function("faulty:log").args("no error", 30).call();
      pool.function("faulty:log").args("an error", 40).call();
      pool.watcher().awaitAfter(mark, Logged.class, logged -> says(logged, "an error"));
      assertThat(pool.watcher().all(Logged.class))
          .noneMatch(logged -> says(logged, "too fine") || says(logged, "no error"));
    }
  }

  private static boolean says(Logged logged, String message) {
    return logged.records().stream().anyMatch(entry -> message.equals(entry.get("message")));
  }

  @Test
  void whatIsRefusedNamesItsBoundAndChangesNothing() {
    try (WatchedPool pool = WatchedPool.start(1, UnaryOperator.identity())) {
      assertThatThrownBy(() -> change(pool, "checkout-timeout", "-1s"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("checkout-timeout=-1s");
      assertThat(pool.pool().operator().settings().export()).isEmpty();
    }
  }
}
