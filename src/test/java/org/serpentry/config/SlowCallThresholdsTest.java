// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("layer-1")
class SlowCallThresholdsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void theFirstRuleThatFitsCountsAndThePoolsThresholdForAllOthers() {
    SlowCallThresholds thresholds =
        new SlowCallThresholds(
            SECOND, List.of("chat:reply=30s", "chat:*=200ms", "*.prices:get=0s"));

    assertThat(thresholds.nanos("chat:reply")).isEqualTo(Duration.ofSeconds(30).toNanos());
    assertThat(thresholds.nanos("chat:other")).isEqualTo(Duration.ofMillis(200).toNanos());
    assertThat(thresholds.nanos("shop.prices:get")).isEqualTo(SlowCallThresholds.NEVER);
    assertThat(thresholds.nanos("other:f")).isEqualTo(SECOND.toNanos());
    assertThat(thresholds.least()).isEqualTo(Duration.ofMillis(200).toNanos());
  }

  @Test
  void withoutAnyNoCallIsSlow() {
    SlowCallThresholds none = new SlowCallThresholds(Duration.ZERO, List.of());

    assertThat(none.least()).isEqualTo(SlowCallThresholds.NEVER);
    assertThat(none.nanos("m:f")).isEqualTo(SlowCallThresholds.NEVER);
  }

  @Test
  void aSingleFunctionMayHaveOneWhereThePoolHasNone() {
    SlowCallThresholds one = new SlowCallThresholds(Duration.ZERO, List.of("m:f=1s"));

    assertThat(one.least()).isEqualTo(SECOND.toNanos());
    assertThat(one.nanos("m:g")).isEqualTo(SlowCallThresholds.NEVER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"m:f", "=1s", "m:f=", "m:f=soon", "m:f=-1s", "m f=1s", "m:(f)=1s"})
  void whatIsNoRuleIsRefused(String entry) {
    assertThatThrownBy(
            () ->
                PoolConfig.builder("p")
                    .life(life -> life.slowCallThresholds("a:b=1s", entry))
                    .build())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("slow-call-thresholds")
        .hasMessageContaining("module:function=duration");
  }
}
