// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.Health;
import org.serpentry.api.WorkerActivity;
import org.serpentry.api.WorkerState;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.StartMode;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.PoolSnapshot.SlotView;

@Tag("layer-1")
class ServingTest {

  private static final PoolConfig EAGER = PoolConfig.builder("p").build();
  private static final PoolConfig LAZY = PoolConfig.builder("p").start(StartMode.LAZY).build();
  private static final SlotView READY = slot(1, WorkerState.READY, Health.HEALTHY);
  private static final SlotView BUSY = slot(1, WorkerState.BUSY, Health.HEALTHY);
  private static final SlotView EMPTY = slot(0, WorkerState.INITIALIZING, Health.HEALTHY);

  @Test
  void anIdleWorkerServes() {
    assertThat(Serving.of(EAGER, pool(false, "", BUSY, READY)))
        .isEqualTo(new Serving(true, "ready"));
  }

  @Test
  void allBusyIsReady() {
    assertThat(Serving.of(EAGER, pool(false, "", BUSY, BUSY)))
        .isEqualTo(new Serving(true, "all workers busy"));
  }

  @Test
  void aSuspendedPoolIsNot() {
    assertThat(Serving.of(EAGER, pool(true, "", READY))).isEqualTo(new Serving(false, "suspended"));
  }

  @Test
  void aFaultCountsOnlyOnceNoWorkerServes() {
    assertThat(Serving.of(EAGER, pool(false, "no interpreter", READY)).able()).isTrue();
    assertThat(Serving.of(EAGER, pool(false, "no interpreter", EMPTY)))
        .isEqualTo(new Serving(false, "no worker can be started"));
  }

  @Test
  void aWorkerThatDoesNotAnswerOrOnlyStartsDoesNotServe() {
    SlotView silent = slot(1, WorkerState.READY, Health.UNHEALTHY);
    SlotView starting = slot(1, WorkerState.INITIALIZING, Health.HEALTHY);

    assertThat(Serving.of(EAGER, pool(false, "", silent, starting)))
        .isEqualTo(new Serving(false, "no worker can serve yet"));
  }

  @Test
  void anUnaskedLazyPoolIsReadyUntilItsFirstWorkerStarts() {
    SlotView starting = slot(1, WorkerState.INITIALIZING, Health.HEALTHY);

    assertThat(Serving.of(LAZY, pool(false, "", EMPTY, EMPTY)))
        .isEqualTo(new Serving(true, "workers start with the first call"));
    assertThat(Serving.of(LAZY, pool(false, "", starting, EMPTY)).able()).isFalse();
    assertThat(Serving.of(EAGER, pool(false, "", EMPTY, EMPTY)).able()).isFalse();
  }

  private static SlotView slot(long worker, WorkerState state, Health health) {
    return new SlotView(
        0,
        worker,
        0,
        state,
        health,
        null,
        0,
        0,
        "",
        0,
        0,
        "",
        "",
        "",
        "",
        0,
        WorkerActivity.UNWATCHED,
        0,
        List.of(),
        0,
        List.of());
  }

  private static PoolSnapshot pool(boolean suspended, String fault, SlotView... workers) {
    List<SlotView> slots = Arrays.asList(workers);
    return new PoolSnapshot(
        slots.size(),
        slots.size(),
        Map.of(),
        0,
        10,
        0,
        0,
        new PoolSnapshot.Calls(0, 0, 0, 0, 0, 0, 0, 0),
        Map.of(),
        suspended,
        fault,
        1,
        slots,
        PoolSnapshot.Upkeep.NONE,
        org.serpentry.session.SessionStatistics.NONE,
        org.serpentry.pool.ServiceView.POOL);
  }
}
