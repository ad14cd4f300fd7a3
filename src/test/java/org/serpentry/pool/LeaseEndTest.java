// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.spi.PoolListener;

/** The worker of a call comes back whatever goes wrong on the way. */
@Tag("core-pool")
@Tag("layer-2")
class LeaseEndTest {

  private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

  @Test
  void timeoutsLongerThanTheClockCanCountAreServed() {
    try (WorkerPool pool = TestPools.start(TestPools.config().build())) {
      assertThat(
              pool.function("faulty:add")
                  .args(2, 3)
                  .timeout(FOREVER)
                  .checkoutTimeout(FOREVER)
                  .call(Integer.class))
          .isEqualTo(5);
      assertThat(
              pool.function("faulty:add")
                  .args(2, 3)
                  .timeout(FOREVER)
                  .callAsync(Integer.class)
                  .orTimeout(20, java.util.concurrent.TimeUnit.SECONDS)
                  .join())
          .isEqualTo(5);
    }
  }

  @Test
  void aListenerThatCannotBeLoadedAnyMoreCostsNoWorker() {
    PoolListener broken =
        new PoolListener() {
          @Override
          public void onCallEnd(CallEnd end) {
            throw new NoClassDefFoundError("of an application that has been undeployed");
          }
        };
    try (WorkerPool pool = TestPools.builder(TestPools.config().build()).listener(broken).start()) {
      for (int i = 0; i < 2; i++) {
        assertThat(
                pool.function("faulty:add")
                    .args(2, 3)
                    .checkoutTimeout(Duration.ofSeconds(5))
                    .call(Integer.class))
            .isEqualTo(5);
      }
    }
  }
}
