// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.pool.PoolFigures;
import org.serpentry.telemetry.Latency;

/** What liveness and startup answer. */
@Tag("layer-1")
class ProbeFindingsTest {
  private static final Serving ABLE = new Serving(true, "ready");
  private static final Serving UNABLE = new Serving(false, "no worker can be started");

  private final ProbeFindings findings = new ProbeFindings();

  private static PoolFigures figures(boolean started, Duration silence) {
    return new PoolFigures(
        Latency.NONE, Latency.NONE, null, null, Set.of(), started, Duration.ofSeconds(90), silence);
  }

  private static PoolFigures started(boolean whether) {
    return figures(whether, Duration.ZERO);
  }

  @Test
  void aPoolIsAliveUntilItsControlThreadHasBeenSilentForAMinute() {
    Duration minute = Duration.ofSeconds(ProbeFindings.MOST_SILENT_SECONDS);

    findings.alive("quiet", figures(true, minute.minusNanos(1)));
    assertThat(findings.up()).isTrue();
    findings.alive("stuck", figures(true, minute));

    assertThat(findings.up()).isFalse();
    assertThat(findings.data())
        .isEqualTo(
            Map.of(
                "quiet.status",
                "control thread runs",
                "quiet.uptimeSeconds",
                90L,
                "stuck.status",
                "control thread stuck",
                "stuck.uptimeSeconds",
                90L));
  }

  @Test
  void onePoolThatIsStuckIsNotHiddenByTheNext() {
    findings.alive("stuck", figures(true, Duration.ofDays(1)));
    findings.alive("well", figures(true, Duration.ZERO));

    assertThat(findings.up()).isFalse();
  }

  @Test
  void aPoolHasStartedOnceItCouldServeWhateverBecomesOfItThen() {
    StartedPools pools = new StartedPools();
    pools.judge("prices", UNABLE, started(false), 2, findings);
    assertThat(findings.up()).isFalse();
    assertThat(findings.data())
        .isEqualTo(Map.of("prices.status", "no worker can be started", "prices.size", 2L));

    ProbeFindings healed = new ProbeFindings();
    pools.judge("prices", ABLE, started(false), 2, healed);
    assertThat(healed.up()).isTrue();
    assertThat(healed.data()).isEqualTo(Map.of("prices.status", "started", "prices.size", 2L));

    ProbeFindings later = new ProbeFindings();
    pools.judge("prices", UNABLE, started(false), 2, later);
    assertThat(later.up()).isTrue();
    assertThat(later.data()).isEqualTo(healed.data());
  }

  @Test
  void aPoolThatServedBetweenTwoProbesHasStarted() {
    new StartedPools().judge("prices", UNABLE, started(true), 1, findings);

    assertThat(findings.up()).isTrue();
  }

  @Test
  void everyPoolMustHaveStarted() {
    StartedPools pools = new StartedPools();
    pools.judge("late", UNABLE, started(false), 1, findings);
    pools.judge("early", ABLE, started(true), 1, findings);

    assertThat(findings.up()).isFalse();
    assertThat(findings.data()).containsEntry("early.status", "started");
  }
}
