// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.Service;
import org.serpentry.pool.ServiceView;

@Tag("core-pool")
@Tag("layer-1")
class StepsTest {

  private static final Duration HOLD = Duration.ofSeconds(10);

  private final AtomicLong nanos = new AtomicLong();
  private final Steps steps =
      new Steps(
          List.of(Service.POOL, Service.SINGLE, Service.MOCK), HOLD, nanos::get, Clock.systemUTC());

  private void pass(long seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  @Test
  void fallsOneStepAtATimeAndBeginsAtTheTopWhenNoneIsLeft() {
    assertThat(steps.fell(Service.POOL, "a")).isEqualTo(new Steps.Fall(Service.SINGLE, true));
    assertThat(steps.fell(Service.SINGLE, "b")).isEqualTo(new Steps.Fall(Service.MOCK, true));
    assertThat(steps.view(ServiceView.POOL).reason()).isEqualTo("b");
    assertThat(steps.fell(Service.MOCK, "c")).isEqualTo(new Steps.Fall(null, true));
    assertThat(steps.current()).isEqualTo(Service.POOL);
    assertThat(steps.view(ServiceView.POOL).falls()).isEqualTo(2);
  }

  @Test
  void whatIsTriedInVainAgainAndAgainIsNoNewsUntilSomethingAnswers() {
    steps.fell(Service.POOL, "a");
    steps.fell(Service.SINGLE, "b");
    steps.fell(Service.MOCK, "c");

    assertThat(steps.fell(Service.POOL, "a")).isEqualTo(new Steps.Fall(Service.SINGLE, false));
    assertThat(steps.fell(Service.SINGLE, "b")).isEqualTo(new Steps.Fall(Service.MOCK, false));
    assertThat(steps.fell(Service.MOCK, "c")).isEqualTo(new Steps.Fall(null, false));
    assertThat(steps.answered(Service.POOL)).isTrue();
    assertThat(steps.answered(Service.POOL)).isFalse();
    assertThat(steps.fell(Service.POOL, "a")).isEqualTo(new Steps.Fall(Service.SINGLE, true));
  }

  @Test
  void callsThatFailTogetherFallOnce() {
    steps.fell(Service.POOL, "a");

    assertThat(steps.fell(Service.POOL, "a")).isEqualTo(new Steps.Fall(Service.SINGLE, false));
    assertThat(steps.view(ServiceView.POOL).falls()).isEqualTo(1);
  }

  @Test
  void risesOnlyUpwardsAndCountsIt() {
    steps.fell(Service.POOL, "a");
    steps.fell(Service.SINGLE, "b");

    assertThat(steps.rose(Service.SINGLE)).isTrue();
    assertThat(steps.rose(Service.SINGLE)).isFalse();
    assertThat(steps.rose(Service.MOCK)).isFalse();
    assertThat(steps.rose(Service.POOL)).isTrue();
    assertThat(steps.view(ServiceView.POOL).returns()).isEqualTo(2);
    assertThat(steps.view(ServiceView.POOL).reason()).isEmpty();
  }

  @Test
  void eachRelapseHoldsTwiceAsLongUpToEightTimes() {
    for (int seconds : new int[] {10, 20, 40, 80, 80}) {
      steps.fell(Service.POOL, "again");
      assertThat(steps.hold()).isEqualTo(Duration.ofSeconds(seconds));
      steps.rose(Service.POOL);
      pass(79);
    }
    pass(1);
    steps.fell(Service.POOL, "after a long time");
    assertThat(steps.hold()).isEqualTo(HOLD);
  }
}
