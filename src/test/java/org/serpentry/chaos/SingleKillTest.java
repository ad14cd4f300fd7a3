// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.WorkerState;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.Processes;
import org.serpentry.testing.TestPool;

/**
 * One worker after the other is killed, each as soon as the one before has been replaced: calls
 * that are declared idempotent do not notice. The seed asked for 99 % of successes, this project
 * for 99.9.
 */
@Tag("chaos")
class SingleKillTest {

  private static final double GOAL = 0.999;
  private static final int KILLS = Integer.getInteger("chaos.kills", 30);

  @Test
  void idempotentCallsSurviveSingleKills() throws Exception {
    Tally tally = new Tally();
    SplittableRandom random = new SplittableRandom(Long.getLong("chaos.seed", 7));
    try (TestPool pool =
        TestPool.builder()
            .size(4)
            .rememberCalls(false)
            .settings(c -> c.checkoutTimeout(Callers.CHECKOUT).retryDelay(Duration.ofMillis(10)))
            .start()) {
      pool.awaitWhole();
      Callers callers = new Callers(pool, tally, 7, 1, false);
      callers.start(4, 1);
      for (int kill = 0; kill < KILLS; kill++) {
        int mark = pool.watcher().mark();
        int slot = random.nextInt(4);
        Processes.signal("KILL", pool.pid(slot));
        pool.watcher()
            .awaitAfter(
                mark,
                PoolWatcher.Moved.class,
                m -> m.worker().slot() == slot && m.transition().to() == WorkerState.READY);
        // Calls in peace for a while, so that the kills stay single ones.
        assertThat(new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS)).isFalse();
      }
      callers.stop();
      Set<Integer> workers = pool.awaitWhole();
      assertThat(callers.stuck()).isEmpty();
      assertThat(workers).hasSize(4);
    }
    double rate = tally.successes() / (double) tally.calls();
    System.out.printf(
        "single kills: %d kills, %d idempotent calls, %d successes (%.4f %%), failures %s%n",
        KILLS, tally.calls(), tally.successes(), rate * 100, tally.failures());
    assertThat(tally.misdelivered() + tally.lost() + tally.untyped())
        .as("%s", tally.examples())
        .isZero();
    assertThat(rate).as("success rate of %d calls", tally.calls()).isGreaterThanOrEqualTo(GOAL);
  }
}
