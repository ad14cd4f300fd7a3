// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.ee.CircuitBreaker.Settings;
import org.serpentry.ee.CircuitBreaker.Verdict;

@Tag("layer-1")
class CircuitBreakerTest {
  private static final Duration DELAY = Duration.ofSeconds(5);

  private long now;
  private final CircuitBreaker breaker =
      new CircuitBreaker(new Settings(4, 0.5, DELAY, 2), () -> now);

  @Test
  void opensWhenTooManyOfTheLastCallsFailedAndSaysForHowLong() {
    end(Verdict.BAD, Verdict.GOOD, Verdict.BAD);
    assertThat(breaker.retryAfter()).isZero();

    end(Verdict.GOOD);

    assertThat(breaker.admit()).isEqualTo(CircuitBreaker.REFUSED);
    assertThat(breaker.retryAfter()).isEqualTo(DELAY);
    assertThat(breaker.lastFailure()).isEqualTo("it broke");
  }

  @Test
  void looksAtTheLastCallsOnly() {
    end(Verdict.BAD, Verdict.GOOD, Verdict.GOOD, Verdict.GOOD, Verdict.BAD, Verdict.GOOD);

    assertThat(breaker.admit()).isNotEqualTo(CircuitBreaker.REFUSED);
  }

  @Test
  void doesNotCountWhatSaysNothing() {
    end(Verdict.BAD, Verdict.BAD, Verdict.BAD, Verdict.NONE, Verdict.NONE);

    assertThat(breaker.admit()).isNotEqualTo(CircuitBreaker.REFUSED);
  }

  @Test
  void letsAsManyTrialsPassAsMustSucceedAndCloses() {
    open();
    now += DELAY.toNanos();

    long first = breaker.admit();
    long second = breaker.admit();
    assertThat(breaker.admit()).isEqualTo(CircuitBreaker.REFUSED);
    breaker.ended(first, Verdict.GOOD, null);
    breaker.ended(second, Verdict.GOOD, null);

    end(Verdict.BAD, Verdict.GOOD, Verdict.GOOD);
    assertThat(breaker.admit()).isNotEqualTo(CircuitBreaker.REFUSED);
  }

  @Test
  void opensAgainWhenATrialFails() {
    open();
    now += DELAY.toNanos();

    breaker.ended(breaker.admit(), Verdict.BAD, "it broke");

    assertThat(breaker.retryAfter()).isEqualTo(DELAY);
    assertThat(breaker.admit()).isEqualTo(CircuitBreaker.REFUSED);
  }

  @Test
  void aTrialThatWasGivenUpMakesRoomForAnother() {
    open();
    now += DELAY.toNanos();
    breaker.admit();

    breaker.ended(breaker.admit(), Verdict.NONE, null);

    assertThat(breaker.admit()).isNotEqualTo(CircuitBreaker.REFUSED);
  }

  @Test
  void aCallFromBeforeDoesNotCountAsATrial() {
    long old = breaker.admit();
    open();
    now += DELAY.toNanos();
    long trial = breaker.admit();

    breaker.ended(old, Verdict.BAD, "it broke");
    breaker.ended(trial, Verdict.GOOD, null);
    breaker.ended(breaker.admit(), Verdict.GOOD, null);

    assertThat(breaker.retryAfter()).isZero();
    assertThat(breaker.admit()).isNotEqualTo(CircuitBreaker.REFUSED);
  }

  private void open() {
    end(Verdict.BAD, Verdict.BAD, Verdict.BAD, Verdict.BAD);
    assertThat(breaker.admit()).isEqualTo(CircuitBreaker.REFUSED);
  }

  private void end(Verdict... verdicts) {
    for (Verdict verdict : verdicts) {
      breaker.ended(breaker.admit(), verdict, verdict == Verdict.BAD ? "it broke" : null);
    }
  }
}
