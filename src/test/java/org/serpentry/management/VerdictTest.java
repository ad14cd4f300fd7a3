// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.serpentry.management.SnapshotCacheTest.snapshot;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.Service;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.ServiceView;

@Tag("layer-1")
class VerdictTest {

  @Test
  void aFullPoolIsWell() {
    assertThat(Verdict.of(snapshot(1, 1, 0, false, ""), false))
        .isEqualTo(new Verdict(PoolStatus.OK, "2 workers serve", ""));
  }

  @Test
  void missingWorkersDegradeAnEagerPoolButNotALazyOne() {
    Verdict eager = Verdict.of(snapshot(1, 0, 0, false, ""), false);
    Verdict lazy = Verdict.of(snapshot(1, 0, 0, false, ""), true);

    assertThat(eager.status()).isEqualTo(PoolStatus.DEGRADED);
    assertThat(eager.reason()).startsWith("1 of 2 workers serve");
    assertThat(lazy.status()).isEqualTo(PoolStatus.OK);
  }

  @Test
  void aPoolIsExhaustedOnlyWhenItsOverflowIsBusyToo() {
    assertThat(Verdict.of(snapshot(0, 2, 4, false, ""), false).status()).isEqualTo(PoolStatus.OK);

    Verdict verdict = Verdict.of(snapshot(0, 3, 4, false, ""), false);
    assertThat(verdict.status()).isEqualTo(PoolStatus.EXHAUSTED);
    assertThat(verdict.reason()).contains("4 calls wait, the first for 20 ms");
    assertThat(verdict.action()).contains("RunningCalls");
  }

  @Test
  void aFaultIsShownAsItIs() {
    Verdict verdict = Verdict.of(snapshot(0, 0, 0, false, "no interpreter"), false);

    assertThat(verdict.status()).isEqualTo(PoolStatus.FAILED);
    assertThat(verdict.reason()).isEqualTo("no interpreter");
  }

  @Test
  void aFallbackInThePoolsPlaceDegradesItAndDoesNotHideASuspension() {
    ServiceView mock = new ServiceView(Service.MOCK, "no interpreter", null, 1, 0, Map.of());

    Verdict verdict = Verdict.of(served(snapshot(0, 0, 0, false, "no interpreter"), mock), false);
    assertThat(verdict.status()).isEqualTo(PoolStatus.DEGRADED);
    assertThat(verdict.reason()).contains("a mock answers in its place", "no interpreter");
    assertThat(verdict.action()).isNotBlank();
    Verdict kept = Verdict.of(served(snapshot(0, 0, 0, true, ""), mock), false);
    assertThat(kept.status()).isEqualTo(PoolStatus.SUSPENDED);
  }

  private static PoolSnapshot served(PoolSnapshot pool, ServiceView by) {
    return new PoolSnapshot(
        pool.size(),
        pool.maxSize(),
        pool.states(),
        pool.waiting(),
        pool.queueCapacity(),
        pool.firstWaitMillis(),
        pool.longestWaitMillis(),
        pool.calls(),
        pool.ladder(),
        pool.suspended(),
        pool.fault(),
        pool.launcherPid(),
        pool.workers(),
        pool.upkeep(),
        pool.sessions(),
        by);
  }

  @Test
  void aDrainedSlotIsNoFaultAndSaysHowItEnds() {
    Verdict verdict = Verdict.of(snapshot(1, 0, 0, false, ""), false, 1);

    assertThat(verdict.status()).isEqualTo(PoolStatus.DEGRADED);
    assertThat(verdict.reason()).isEqualTo("1 of 2 workers serve; 1 slots are drained");
    assertThat(verdict.action()).contains("refillWorker");
  }

  @Test
  void everyStatusButOkHasASuggestion() {
    assertThat(
            java.util.List.of(
                Verdict.closed(),
                Verdict.of(snapshot(2, 0, 0, true, ""), false),
                Verdict.of(snapshot(0, 0, 0, false, "no interpreter"), false),
                Verdict.of(snapshot(0, 3, 1, false, ""), false),
                Verdict.of(snapshot(1, 0, 0, false, ""), false)))
        .allSatisfy(verdict -> assertThat(verdict.action()).isNotBlank())
        .extracting(Verdict::status)
        .containsExactly(
            PoolStatus.CLOSED,
            PoolStatus.SUSPENDED,
            PoolStatus.FAILED,
            PoolStatus.EXHAUSTED,
            PoolStatus.DEGRADED);
  }

  @Test
  void aSuspensionIsWhatCallersMeetAndDoesNotHideAFault() {
    Verdict verdict = Verdict.of(snapshot(0, 1, 0, true, "no interpreter"), false);

    assertThat(verdict.status()).isEqualTo(PoolStatus.SUSPENDED);
    assertThat(verdict.reason()).contains("1 calls still run").contains("no interpreter");
  }
}
