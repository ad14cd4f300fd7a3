// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.Answered;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.Service;
import org.serpentry.api.WorkerStartException;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.PoolHealth;
import org.serpentry.spi.PoolListener;
import org.serpentry.spi.ServiceEvent;

/** Pool, single worker, mock, and the way back, with real workers. */
@Tag("core-pool")
@Tag("layer-3")
class CascadeTest extends CascadeFixture {

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
        PoolListener.PoolEvent.class,
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
