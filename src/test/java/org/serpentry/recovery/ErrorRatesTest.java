// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.recovery.ErrorRates.Counts;
import org.serpentry.spi.ErrorAlert.Kind;

@Tag("layer-1")
@Tag("core-pool")
class ErrorRatesTest {
  private final ErrorRates rates =
      new ErrorRates(
          new ErrorRates.Limits(10, Duration.ofSeconds(60), 10, 3, Duration.ofSeconds(300)));

  @Test
  void alertsWhenMoreThanATenthFails() {
    assertThat(look(0, 0, 0)).isEmpty();
    assertThat(look(5, 20, 2)).isEmpty();
    assertThat(look(10, 40, 5)).containsExactly(Kind.RATE);
  }

  @Test
  void saysNothingOfFewerThanTenCalls() {
    look(0, 0, 0);
    assertThat(look(5, 9, 9)).isEmpty();
    assertThat(look(10, 10, 10)).containsExactly(Kind.RATE);
  }

  @Test
  void repeatsNothingWithinItsCooldown() {
    look(0, 0, 0);
    assertThat(look(10, 100, 50)).containsExactly(Kind.RATE);
    assertThat(look(60, 200, 150)).isEmpty();
    assertThat(look(309, 300, 250)).isEmpty();
    assertThat(look(310, 400, 350)).containsExactly(Kind.RATE);
  }

  @Test
  void failuresBeforeTheWindowDoNotCount() {
    look(0, 0, 0);
    assertThat(look(5, 0, 0)).isEmpty();
    look(10, 9, 9);
    for (int second = 15; second <= 130; second += 5) {
      assertThat(look(second, 9 + second * 10L, 9)).as("after %d s", second).isEmpty();
    }
    assertThat(rates.recent().failures()).isZero();
    assertThat(rates.recent().calls()).isEqualTo(600);
  }

  @Test
  void threeOpenCircuitsAreAnAlertOfTheirOwn() {
    assertThat(rates.look(0, new Counts(0, 0), 2)).isEmpty();
    assertThat(rates.look(1, new Counts(0, 0), 3)).containsExactly(Kind.CIRCUITS);
    assertThat(rates.look(2, new Counts(0, 0), 4)).isEmpty();
  }

  @Test
  void forgetsEverythingWhenToldTo() {
    look(0, 0, 0);
    look(10, 100, 50);
    rates.reset();
    assertThat(rates.recent()).isEqualTo(new Counts(0, 0));
    look(11, 100, 50);
    assertThat(look(12, 200, 150)).containsExactly(Kind.RATE);
  }

  private List<Kind> look(long second, long calls, long failures) {
    return rates.look(TimeUnit.SECONDS.toNanos(second), new Counts(calls, failures), 0);
  }
}
