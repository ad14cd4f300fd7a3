// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.Answered;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonType;
import org.serpentry.api.Service;
import org.serpentry.api.WorkerStartException;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.SingleWorker;
import org.serpentry.config.StartMode;
import org.serpentry.mock.MockPool;
import org.serpentry.mock.MockScript;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.PoolHealth;
import org.serpentry.spi.ServiceEvent;
import org.serpentry.testing.PoolWatcher;

/** Pool, single worker, mock, and the way back, with real workers. */
@Tag("core-pool")
@Tag("layer-3")
class CascadeTest {

  private static final PythonType<Answered<Integer>> MARKED = new PythonType<>() {};

  @TempDir Path modules;

  private final PoolWatcher watcher = new PoolWatcher();
  private final MockScript script = new MockScript().invent();
  private final AtomicInteger singles = new AtomicInteger();
  private WorkerPool core;
  private Cascade cascade;

  @AfterEach
  void stop() {
    if (cascade != null) {
      cascade.close();
      core.close();
    }
  }

  private void breakTheTemplate() throws IOException {
    Files.writeString(modules.resolve("fragile.py"), "raise OSError('no such device')\n");
  }

  private void repairTheTemplate() throws IOException {
    Files.writeString(modules.resolve("fragile.py"), "");
  }

  private PoolConfig config(String... fallback) {
    return TestPools.config()
        .start(StartMode.BACKGROUND)
        .preload(List.of("fragile"))
        .restartBackoffMin(Duration.ofMillis(1))
        .restartBackoffMax(Duration.ofMillis(50))
        .services(s -> s.fallback(fallback).fallbackHold(Duration.ofMillis(100)))
        .build();
  }

  private Supplier<WorkerPool> single(PoolConfig config) {
    return () -> {
      singles.incrementAndGet();
      return TestPools.builder(SingleWorker.of(config), modules).start();
    };
  }

  private Service open(PoolConfig config, Supplier<WorkerPool> single) {
    core = TestPools.builder(config, modules).listener(watcher).start();
    cascade =
        Cascade.over(
            core, core, single, () -> MockPool.of(config, script), ForkJoinPool::commonPool);
    return cascade.awaitStart();
  }

  private PythonFunction add() {
    return WorkerPool.function(cascade, "faulty:add").args(2, 3);
  }

  private void awaitService(int mark, Service to) {
    watcher.awaitAfter(mark, ServiceEvent.class, e -> e.to() == to);
  }

  @Test
  void aPoolThatServesIsAskedAndNothingElseIsStarted() throws IOException {
    repairTheTemplate();
    PoolConfig config = config("single", "mock");

    assertThat(open(config, single(config))).isEqualTo(Service.POOL);
    assertThat(add().call(MARKED)).isEqualTo(new Answered<>(5, Service.POOL));
    assertThat(add().callAsync(MARKED).join()).isEqualTo(new Answered<>(5, Service.POOL));
    assertThat(singles).hasValue(0);
    assertThat(core.control().resilience().health().status()).isEqualTo(PoolHealth.Status.HEALTHY);
  }

  @Test
  void aSingleWorkerServesWhileTheTemplateCannotBeImportedAndThePoolAfterTheRepair()
      throws Exception {
    breakTheTemplate();
    PoolConfig config = config("single", "mock");

    assertThat(open(config, single(config))).isEqualTo(Service.SINGLE);
    assertThat(add().call(Integer.class)).isEqualTo(5);
    assertThat(add().call(MARKED)).isEqualTo(new Answered<>(5, Service.SINGLE));
    assertThat(add().callAsync(MARKED).get(60, TimeUnit.SECONDS))
        .isEqualTo(new Answered<>(5, Service.SINGLE));
    assertThat(singles).hasValue(1);
    PoolSnapshot fallen = core.control().snapshot();
    assertThat(fallen.services().service()).isEqualTo(Service.SINGLE);
    assertThat(fallen.services().reason()).contains("no such device");
    assertThat(fallen.services().falls()).isEqualTo(1);
    assertThat(fallen.services().answered()).containsEntry(Service.SINGLE, 3L);
    PoolHealth health = core.control().resilience().health();
    assertThat(health.status()).isEqualTo(PoolHealth.Status.DEGRADED);
    assertThat(health.reasons().get(0)).contains("single worker", "no such device");
    watcher.await(
        org.serpentry.spi.PoolListener.PoolEvent.class,
        e -> e.warning() && e.text().contains("a single worker answers"));

    int mark = watcher.mark();
    repairTheTemplate();
    awaitService(mark, Service.POOL);

    assertThat(add().call(MARKED)).isEqualTo(new Answered<>(5, Service.POOL));
    PoolSnapshot back = core.control().snapshot();
    assertThat(back.services().service()).isEqualTo(Service.POOL);
    assertThat(back.services().returns()).isEqualTo(1);
    assertThat(core.service()).isEqualTo(Service.POOL);
  }

  @Test
  void aMockAnswersWhereNoWorkerCanBeStartedAndEachResultSaysSo() throws Exception {
    breakTheTemplate();
    PoolConfig config = config("single", "mock");
    script.when("faulty:add").returns(7);

    assertThat(
            open(
                config,
                () -> {
                  singles.incrementAndGet();
                  throw new WorkerStartException(
                      ErrorContext.ofPool("test"), "no memory", List.of(), null);
                }))
        .isEqualTo(Service.SINGLE); // Nobody has asked it yet.
    assertThat(add().call(MARKED)).isEqualTo(new Answered<>(7, Service.MOCK));
    assertThat(add().callAsync(MARKED).get(60, TimeUnit.SECONDS))
        .isEqualTo(new Answered<>(7, Service.MOCK));
    assertThat(core.service()).isEqualTo(Service.MOCK);
    assertThat(core.control().services().view().describe()).contains("a mock answers", "no memory");
    assertThat(core.control().services().view().falls()).isEqualTo(2);

    int mark = watcher.mark();
    repairTheTemplate();
    awaitService(mark, Service.POOL);
    assertThat(add().call(MARKED)).isEqualTo(new Answered<>(5, Service.POOL));
  }

  @Test
  void theSingleWorkerTakesOverFromTheMockWhenItCanBeStarted() throws IOException {
    breakTheTemplate();
    PoolConfig config = config("single", "mock");
    Supplier<WorkerPool> starts = single(config);
    open(
        config,
        () -> {
          if (singles.get() == 0) {
            singles.incrementAndGet();
            throw new WorkerStartException(ErrorContext.ofPool("test"), "not yet", List.of(), null);
          }
          return starts.get();
        });
    int mark = watcher.mark();
    add().call(Integer.class);

    watcher.awaitAfter(
        mark, ServiceEvent.class, e -> e.from() == Service.MOCK && e.to() == Service.SINGLE);
    assertThat(add().call(MARKED)).isEqualTo(new Answered<>(5, Service.SINGLE));
  }

  @Test
  void withoutAMockTheCallerGetsThePoolsFailureAndTheSingleWorkersBesides() throws IOException {
    breakTheTemplate();
    PoolConfig config = config("single");
    open(
        config,
        () -> {
          throw new WorkerStartException(ErrorContext.ofPool("test"), "no memory", List.of(), null);
        });

    assertThatExceptionOfType(WorkerStartException.class)
        .isThrownBy(() -> add().call())
        .withMessageContaining("no memory");
    // From the top again: now the pool's own failure comes first.
    assertThatExceptionOfType(WorkerStartException.class)
        .isThrownBy(() -> add().call())
        .withMessageContaining("no such device")
        .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("no memory"));
    assertThat(add().fallback(e -> -1).call(Integer.class)).isEqualTo(-1);
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> add().callAsync().join())
        .withCauseInstanceOf(WorkerStartException.class);
    assertThat(core.service()).isEqualTo(Service.NONE);
  }

  @Test
  void aCallThatFailsInAPoolThatServesIsNotMoved() throws IOException {
    repairTheTemplate();
    PoolConfig config = config("single", "mock");
    open(config, single(config));

    assertThatExceptionOfType(PythonCallException.class)
        .isThrownBy(() -> WorkerPool.function(cascade, "faulty:fail").call());
    assertThat(core.service()).isEqualTo(Service.POOL);
    assertThat(singles).hasValue(0);
  }

  @Test
  void duringAndAfterShutdownNothingAnswers() throws IOException {
    breakTheTemplate();
    PoolConfig config = config("single", "mock");
    open(config, single(config));
    add().call();

    cascade.close();
    core.close();

    assertThat(core.service()).isEqualTo(Service.NONE);
    assertThat(core.control().services().view().reason()).contains("closed");
    assertThatExceptionOfType(PoolClosedException.class).isThrownBy(() -> add().call());
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> add().callAsync().join())
        .withCauseInstanceOf(PoolClosedException.class);
  }
}
