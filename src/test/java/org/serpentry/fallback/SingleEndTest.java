// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.serpentry.api.Answered;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.Service;
import org.serpentry.api.WorkerStartException;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.WorkerPool;

/** No process of the single worker is left once the pool is back. */
@Tag("core-pool")
@Tag("layer-3")
@Timeout(120)
class SingleEndTest extends CascadeFixture {

  private static final Duration SHORT = Duration.ofMillis(200);

  private final CompletableFuture<Void> begun = new CompletableFuture<>();
  private final CompletableFuture<Void> gate = new CompletableFuture<>();
  private final CompletableFuture<List<ProcessHandle>> started = new CompletableFuture<>();

  @AfterEach
  void openTheGate() {
    gate.complete(null);
  }

  /** A start that takes until the gate is open. */
  private Supplier<WorkerPool> slow(PoolConfig config) {
    Supplier<WorkerPool> starts = single(config);
    return () -> {
      begun.complete(null);
      gate.join();
      WorkerPool pool = starts.get();
      PoolSnapshot up = pool.control().snapshot();
      LongStream workers = up.workers().stream().mapToLong(worker -> worker.pid());
      started.complete(
          LongStream.concat(LongStream.of(up.launcherPid()), workers)
              .mapToObj(pid -> ProcessHandle.of(pid).orElseThrow())
              .toList());
      return pool;
    };
  }

  private void assertGone() throws Exception {
    List<ProcessHandle> processes = started.get(60, TimeUnit.SECONDS);
    assertThat(processes).hasSize(2);
    for (ProcessHandle process : processes) {
      process.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  private void assertNobodyAnswersInTime() {
    assertThatExceptionOfType(WorkerStartException.class)
        .isThrownBy(() -> add().checkoutTimeout(SHORT).call());
  }

  @Test
  void itEndsWithThePoolsReturn() throws Exception {
    breakTheTemplate();
    PoolConfig config = config("single");
    gate.complete(null);
    open(config, slow(config));
    assertThat(add().call(MARKED)).isEqualTo(new Answered<>(5, Service.SINGLE));

    int mark = watcher.mark();
    repairTheTemplate();
    awaitService(mark, Service.POOL);

    assertGone();
  }

  @Test
  void oneThatServesOnlyAfterThePoolDoesEndsAtOnce() throws Exception {
    breakTheTemplate();
    PoolConfig config = config("single");
    open(config, slow(config));
    assertNobodyAnswersInTime();
    int mark = watcher.mark();
    repairTheTemplate();
    watcher.awaitReady(mark, 0);
    core.control().resetCrashBreaker(); // Carried out after all that the ready worker has caused.
    assertThat(add().call(MARKED)).isEqualTo(new Answered<>(5, Service.POOL));

    gate.complete(null);

    assertGone();
  }

  @Test
  void oneThatNobodyHasWaitedForEndsThoughNobodyCallsThePool() throws Exception {
    breakTheTemplate();
    PoolConfig config = config("single");
    open(config, slow(config));
    assertNobodyAnswersInTime();
    gate.complete(null);
    started.get(60, TimeUnit.SECONDS);

    repairTheTemplate();

    assertGone();
  }

  @Test
  void oneThatTheMocksProbeStartsEndsWithThePoolsReturn() throws Exception {
    breakTheTemplate();
    PoolConfig config = config("single", "mock");
    Supplier<WorkerPool> slow = slow(config);
    open(
        config,
        () -> {
          if (singles.getAndIncrement() == 0) {
            throw new WorkerStartException(ErrorContext.ofPool("test"), "not yet", List.of(), null);
          }
          return slow.get();
        });
    assertThat(add().call(MARKED).by()).isEqualTo(Service.MOCK);
    begun.get(60, TimeUnit.SECONDS);
    int mark = watcher.mark();
    repairTheTemplate();
    awaitService(mark, Service.POOL);

    gate.complete(null);

    assertGone();
  }

  @Test
  void aStartThatTakesLongerThanItsCallersWaitServesLaterOnes() throws IOException {
    breakTheTemplate();
    PoolConfig config = config("single");
    open(config, slow(config));
    for (int call = 0; call < 3; call++) {
      assertNobodyAnswersInTime(); // Each takes twice as long as the hold.
    }

    gate.complete(null);

    assertThat(add().call(MARKED)).isEqualTo(new Answered<>(5, Service.SINGLE));
    assertThat(singles).hasValue(1);
  }
}
