// SPDX-License-Identifier: Apache-2.0
package org.serpentry.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BreakerState;
import org.serpentry.health.PoolMonitor.Facts;
import org.serpentry.spi.PoolHealth;
import org.serpentry.spi.PoolHealth.Status;

@Tag("layer-1")
@Tag("core-pool")
class PoolMonitorTest {

  @Test
  void aPoolWithAllItsWorkersIsHealthy() {
    PoolHealth health = judge(facts(4, 0, 0, false, "", BreakerState.CLOSED, List.of(), ""));
    assertThat(health.status()).isEqualTo(Status.HEALTHY);
    assertThat(health.reasons()).isEmpty();
  }

  @Test
  void whatServesWithLessIsDegradedForEachReason() {
    assertDegraded(facts(3, 0, 0, false, "", BreakerState.CLOSED, List.of(), ""), "3 of its 4");
    assertDegraded(facts(4, 1, 0, false, "", BreakerState.CLOSED, List.of(), ""), "1 workers are");
    assertDegraded(facts(4, 0, 8, false, "", BreakerState.CLOSED, List.of(), ""), "8 calls wait");
    assertDegraded(facts(4, 0, 0, true, "", BreakerState.CLOSED, List.of(), ""), "suspended");
    assertDegraded(facts(4, 0, 0, false, "", BreakerState.OPEN, List.of(), ""), "crash breaker");
    assertDegraded(
        facts(4, 0, 0, false, "", BreakerState.CLOSED, List.of("llm", "qa"), ""), "llm, qa");
  }

  @Test
  void aQueueShorterThanTwiceTheSizeIsNoReason() {
    assertThat(judge(facts(4, 0, 7, false, "", BreakerState.CLOSED, List.of(), "")).status())
        .isEqualTo(Status.HEALTHY);
  }

  @Test
  void whatDoesNotServeIsUnhealthy() {
    assertUnhealthy(facts(0, 0, 0, false, "", BreakerState.CLOSED, List.of(), ""), "none of its 4");
    assertUnhealthy(
        facts(4, 0, 0, false, "the pool has failed", BreakerState.CLOSED, List.of(), ""),
        "the pool has failed");
    assertUnhealthy(
        facts(4, 0, 0, false, "", BreakerState.CLOSED, List.of(), "no answer in 5 s"),
        "no answer in 5 s");
  }

  @Test
  void theWorstReasonComesFirst() {
    PoolHealth health =
        judge(facts(0, 1, 9, true, "no launcher", BreakerState.OPEN, List.of("*"), ""));
    assertThat(health.reasons()).hasSizeGreaterThan(4);
    assertThat(health.reasons().get(0)).isEqualTo("no launcher");
    assertThat(health).hasToString("UNHEALTHY: " + String.join("; ", health.reasons()));
  }

  @Test
  void aLazyPoolMayHaveNoWorkers() {
    Facts lazy = new Facts("ml", 4, true, 0, 0, 0, false, "", BreakerState.CLOSED, List.of(), "");
    assertThat(judge(lazy).status()).isEqualTo(Status.HEALTHY);
  }

  private static void assertDegraded(Facts facts, String reason) {
    PoolHealth health = judge(facts);
    assertThat(health.status()).isEqualTo(Status.DEGRADED);
    assertThat(health.reasons()).singleElement().asString().contains(reason);
  }

  private static void assertUnhealthy(Facts facts, String reason) {
    PoolHealth health = judge(facts);
    assertThat(health.status()).isEqualTo(Status.UNHEALTHY);
    assertThat(health.reasons().get(0)).contains(reason);
  }

  private static PoolHealth judge(Facts facts) {
    return PoolMonitor.judge(facts);
  }

  private static Facts facts(
      int serving,
      int degraded,
      int waiting,
      boolean suspended,
      String fault,
      BreakerState breaker,
      List<String> circuits,
      String ping) {
    return new Facts(
        "ml", 4, false, serving, degraded, waiting, suspended, fault, breaker, circuits, ping);
  }
}
