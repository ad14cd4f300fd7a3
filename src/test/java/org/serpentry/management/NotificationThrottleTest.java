// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class NotificationThrottleTest {
  private final AtomicLong nanos = new AtomicLong();
  private final NotificationThrottle throttle = new NotificationThrottle(nanos::get);

  private long admittedOf(int count) {
    return IntStream.range(0, count).filter(i -> throttle.admits()).count();
  }

  @Test
  void letsABurstThroughAndCountsTheRest() {
    assertThat(admittedOf(NotificationThrottle.BURST + 7)).isEqualTo(NotificationThrottle.BURST);
    assertThat(throttle.suppressed()).isEqualTo(7);
  }

  @Test
  void letsSoManyASecondThroughAfterIt() {
    admittedOf(NotificationThrottle.BURST);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));

    assertThat(admittedOf(100)).isEqualTo(2 * NotificationThrottle.PER_SECOND);
  }

  @Test
  void savesUpNoMoreThanOneBurst() {
    nanos.addAndGet(TimeUnit.DAYS.toNanos(1));

    assertThat(admittedOf(1000)).isEqualTo(NotificationThrottle.BURST);
  }
}
