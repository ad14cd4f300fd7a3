// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.config.RetryBackoff;
import org.serpentry.original.Original;

@Original("retry_logic")
@Tag("layer-1")
@Tag("core-pool")
class RetryDelaysTest {
  private static final Duration BASE = Duration.ofMillis(100);
  private static final Duration CAP = Duration.ofSeconds(30);

  @Test
  void delaysGrowAsTheOriginalsDid() {
    assertThat(millis(RetryBackoff.LINEAR, 4)).containsExactly(100L, 200L, 300L, 400L);
    assertThat(millis(RetryBackoff.EXPONENTIAL, 4)).containsExactly(100L, 200L, 400L, 800L);
    assertThat(millis(RetryBackoff.FIBONACCI, 5)).containsExactly(100L, 100L, 200L, 300L, 500L);
  }

  @Test
  void theFirstImmediateAttemptFollowsAtOnce() {
    assertThat(millis(RetryBackoff.IMMEDIATE, 4)).containsExactly(0L, 100L, 200L, 300L);
  }

  @Test
  void customDelaysAreTheListedOnesAndTheLastHoldsForTheRest() {
    RetryDelays custom =
        delays(RetryBackoff.CUSTOM, 25, List.of(Duration.ofMillis(40), Duration.ofMillis(80)));
    SplittableRandom random = new SplittableRandom(1);

    for (int attempt = 1; attempt <= 5; attempt++) {
      long plain = attempt == 1 ? 40 : 80;
      assertThat(TimeUnit.NANOSECONDS.toMillis(custom.nanos(attempt, 0, random)))
          .isBetween(plain * 3 / 4, plain * 5 / 4);
    }
  }

  @Test
  void customWithoutAListFallsBackToTheBase() {
    assertThat(millis(RetryBackoff.CUSTOM, 3)).containsExactly(100L, 100L, 100L);
  }

  @Test
  void nothingExceedsTheCapHoweverManyAttemptsThereAre() {
    for (RetryBackoff backoff : RetryBackoff.values()) {
      RetryDelays delays = delays(backoff, 25, List.of(Duration.ofDays(400)));
      SplittableRandom random = new SplittableRandom(7);
      long before = 0;
      for (int attempt = 1; attempt <= 5_000; attempt++) {
        before = delays.nanos(attempt, before, random);
        assertThat(before).as("%s, %d", backoff, attempt).isBetween(0L, CAP.toNanos());
      }
    }
  }

  @Test
  void jitterSpreadsByAQuarterBothWays() {
    RetryDelays delays = delays(RetryBackoff.EXPONENTIAL, 25, List.of());
    SplittableRandom random = new SplittableRandom(3);
    List<Long> drawn = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      drawn.add(delays.nanos(3, 0, random) / 1_000_000);
    }

    assertThat(drawn).allMatch(ms -> ms >= 300 && ms <= 500);
    assertThat(drawn).anyMatch(ms -> ms < 310).anyMatch(ms -> ms > 490);
  }

  @Test
  void decorrelatedJitterIsDrawnBetweenTheBaseAndThreeTimesTheLast() {
    RetryDelays delays = delays(RetryBackoff.DECORRELATED_JITTER, 25, List.of());
    SplittableRandom random = new SplittableRandom(11);
    long before = 0;
    boolean grew = false;
    boolean shrank = false;
    for (int attempt = 1; attempt <= 200; attempt++) {
      long last = Math.max(before, BASE.toNanos());
      long next = delays.nanos(attempt, before, random);
      assertThat(next).isBetween(BASE.toNanos(), Math.min(CAP.toNanos(), 3 * last));
      grew |= next > last;
      shrank |= next < before;
      before = next;
    }
    assertThat(grew && shrank).isTrue();
  }

  @Test
  void noDelayGivesNoPause() {
    for (RetryBackoff backoff : RetryBackoff.values()) {
      RetryDelays none = new RetryDelays(backoff, Duration.ZERO, CAP, 25, List.of());
      assertThat(none.nanos(4, 0, new SplittableRandom(1))).as("%s", backoff).isZero();
    }
  }

  @Test
  void theSumAtTheWorstIsNeverExceeded() {
    for (RetryBackoff backoff : RetryBackoff.values()) {
      RetryDelays delays = delays(backoff, 25, List.of(Duration.ofMillis(30)));
      SplittableRandom random = new SplittableRandom(5);
      for (int run = 0; run < 200; run++) {
        long sum = 0;
        long before = 0;
        for (int attempt = 1; attempt <= 6; attempt++) {
          before = delays.nanos(attempt, before, random);
          sum += before;
        }
        assertThat(sum).isLessThanOrEqualTo(delays.most(6).toNanos());
      }
    }
  }

  private static List<Long> millis(RetryBackoff backoff, int attempts) {
    RetryDelays delays = delays(backoff, 0, List.of());
    List<Long> millis = new ArrayList<>();
    for (int attempt = 1; attempt <= attempts; attempt++) {
      millis.add(delays.nanos(attempt, 0, new SplittableRandom(1)) / 1_000_000);
    }
    return millis;
  }

  private static RetryDelays delays(RetryBackoff backoff, int jitter, List<Duration> listed) {
    return new RetryDelays(backoff, BASE, CAP, jitter, listed);
  }
}
