// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.ee.WatchedPools;
import org.serpentry.metrics.PoolMetrics;

/** Where the metrics of an application come from. */
@Tag("layer-1")
class MetricsSourceTest {

  private static final WatchedPools.Application SHOP =
      new WatchedPools.Application("shop", List.of(), List.of());

  @Test
  void aClashOfLibrariesIsMetOnceHoweverOftenSomebodyScrapes() {
    AtomicInteger tries = new AtomicInteger();
    MetricsSource source =
        new MetricsSource(
            () -> Optional.of(SHOP),
            application -> {
              tries.incrementAndGet();
              throw new NoSuchMethodError("of another release");
            });

    source.begin();
    for (int scrape = 0; scrape < 3; scrape++) {
      assertThatThrownBy(() -> source.scrape(PoolMetrics.TEXT))
          .isInstanceOf(NoSuchMethodError.class);
    }
    source.close();

    assertThat(tries).hasValue(1);
  }
}
