// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BreakerState;

@Tag("core-pool")
@Tag("layer-1")
class CrashBreakerTest {

  private static final Duration WINDOW = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofSeconds(10);

  // Near the overflow, where System.nanoTime() may be as well.
  private long now = Long.MAX_VALUE - Duration.ofSeconds(5).toNanos();
  private final CrashBreaker breaker = new CrashBreaker(2, WINDOW, PAUSE, () -> now);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private void open() {
    for (int death = 1; death <= 3; death++) {
      breaker.died("death " + death);
    }
    assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
  }

  @Test
  void opensAtTheDeathBeyondItsLimitAndTellsItsCause() {
    assertThat(breaker.died("first")).isEmpty();
    assertThat(breaker.died("second")).isEmpty();
    assertThat(breaker.deaths()).isEqualTo(2);
    assertThat(breaker.died("third"))
        .contains(new CrashBreaker.Change(BreakerState.CLOSED, BreakerState.OPEN, "third"));
    assertThat(breaker.cause()).isEqualTo("third");
    assertThat(breaker.remaining()).isEqualTo(PAUSE);
  }

  @Test
  void forgetsDeathsThatAreOlderThanItsWindow() {
    breaker.died("old");
    pass(WINDOW.dividedBy(2));
    breaker.died("younger");
    pass(WINDOW.dividedBy(2));
    assertThat(breaker.deaths()).isEqualTo(1);
    assertThat(breaker.died("a second one that counts")).isEmpty();
    assertThat(breaker.died("a third")).isPresent();
  }

  @Test
  void halfOpensOnlyOnceItsPauseIsOver() {
    open();
    pass(PAUSE.minusNanos(1));
    assertThat(breaker.halfOpen()).isEmpty();
    assertThat(breaker.remaining()).isEqualTo(Duration.ofNanos(1));
    pass(Duration.ofNanos(1));
    assertThat(breaker.halfOpen())
        .contains(new CrashBreaker.Change(BreakerState.OPEN, BreakerState.HALF_OPEN, "death 3"));
    assertThat(breaker.halfOpen()).isEmpty();
    assertThat(breaker.remaining()).isZero();
  }

  @Test
  void opensForAnotherPauseWhenTheWorkerOnTrialDies() {
    open();
    pass(PAUSE);
    breaker.halfOpen();
    assertThat(breaker.died("on trial"))
        .contains(new CrashBreaker.Change(BreakerState.HALF_OPEN, BreakerState.OPEN, "on trial"));
    assertThat(breaker.remaining()).isEqualTo(PAUSE);
  }

  @Test
  void closesWithoutAPastWhenTheWorkerOnTrialServes() {
    open();
    pass(PAUSE);
    breaker.halfOpen();
    assertThat(breaker.proved()).map(CrashBreaker.Change::to).contains(BreakerState.CLOSED);
    assertThat(breaker.deaths()).isZero();
    assertThat(breaker.died("first")).isEmpty();
    assertThat(breaker.died("second")).isEmpty();
  }

  @Test
  void isClosedByHandFromEveryStateAndForgetsTheDeaths() {
    breaker.died("first");
    breaker.died("second");
    assertThat(breaker.reset()).isEmpty();
    assertThat(breaker.deaths()).isZero();
    open();
    assertThat(breaker.reset()).map(CrashBreaker.Change::from).contains(BreakerState.OPEN);
    open();
    pass(PAUSE);
    breaker.halfOpen();
    assertThat(breaker.reset()).map(CrashBreaker.Change::from).contains(BreakerState.HALF_OPEN);
    assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
  }

  @Test
  void keepsTheLastCauseAndItsPauseWhileWorkersOfBeforeStillDie() {
    open();
    pass(PAUSE.dividedBy(2));
    assertThat(breaker.died("a late one")).isEmpty();
    assertThat(breaker.cause()).isEqualTo("a late one");
    assertThat(breaker.remaining()).isEqualTo(PAUSE.dividedBy(2));
  }

  @Test
  void isProvedOnlyByAWorkerOnTrial() {
    assertThat(breaker.proved()).isEmpty();
    open();
    assertThat(breaker.proved()).isEmpty();
    assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
  }

  @Test
  void neverOpensWithoutALimit() {
    CrashBreaker none = new CrashBreaker(0, WINDOW, PAUSE, () -> now);
    for (int death = 0; death < 1_000; death++) {
      assertThat(none.died("again")).isEmpty();
    }
    assertThat(none.state()).isEqualTo(BreakerState.CLOSED);
  }

  @Test
  void allowsTheseMovesAndNoOthers() {
    Map<BreakerState, Set<BreakerState>> legal =
        Map.of(
            BreakerState.CLOSED, EnumSet.of(BreakerState.OPEN),
            BreakerState.OPEN, EnumSet.of(BreakerState.HALF_OPEN, BreakerState.CLOSED),
            BreakerState.HALF_OPEN, EnumSet.of(BreakerState.OPEN, BreakerState.CLOSED));
    for (BreakerState from : BreakerState.values()) {
      for (BreakerState to : BreakerState.values()) {
        assertThat(from.mayBecome(to))
            .as("%s to %s", from, to)
            .isEqualTo(legal.get(from).contains(to));
      }
    }
  }
}
