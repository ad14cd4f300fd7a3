// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("core-pool")
@Tag("layer-1")
class BackoffTest {

  @Test
  void beginsAtOnceThenDoublesUpToItsBound() {
    long[] expected = {0, 0, 100, 200, 400, 800, 1600, 3200, 5000, 5000};
    for (int failures = 0; failures < expected.length; failures++) {
      assertThat(Backoff.millis(failures, 100, 5_000, 0)).isEqualTo(expected[failures]);
    }
    assertThat(Backoff.millis(1_000_000, 100, 5_000, 0)).isEqualTo(5_000);
    assertThat(Backoff.millis(40, Long.MAX_VALUE / 2, Long.MAX_VALUE / 2, 0)).isPositive();
  }

  @Test
  void takesUpToAQuarterOff() {
    assertThat(Backoff.millis(4, 100, 5_000, 1)).isEqualTo(300);
    assertThat(Backoff.millis(4, 100, 5_000, 0.5)).isEqualTo(350);
  }

  @Test
  void forgetsWhatWentWrongOnceItGoesWell() {
    Backoff backoff = new Backoff(1_000, 8_000);
    assertThat(backoff.nextMillis()).isZero();
    assertThat(backoff.nextMillis()).isBetween(750L, 1_000L);
    assertThat(backoff.nextMillis()).isBetween(1_500L, 2_000L);
    assertThat(backoff.attempts()).isEqualTo(3);
    backoff.reset();
    assertThat(backoff.attempts()).isZero();
    assertThat(backoff.nextMillis()).isZero();
  }
}
