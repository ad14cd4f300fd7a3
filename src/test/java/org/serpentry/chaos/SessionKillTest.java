// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.serpentry.config.SessionMode;
import org.serpentry.testing.Processes;
import org.serpentry.testing.TestPool;

/**
 * What sessions count stays, whoever kills their workers; what they keep on a worker alone is lost
 * with it, and in {@code strict} they are told.
 */
@Tag("layer-3")
class SessionKillTest {
  private static final int SIZE = 2;
  private static final int KILLS = 6;
  private static final int SESSIONS = 4;

  @ParameterizedTest(name = "{0}, calls-per-worker {1}, keeping {2}")
  @CsvSource({"HINT, 1, false", "HINT, 4, true", "STRICT, 1, false", "STRICT, 4, true"})
  void noCountIsLostAndALostSessionIsTold(SessionMode mode, int places, boolean keeping)
      throws Exception {
    try (TestPool pool =
        TestPool.builder()
            .size(SIZE)
            .rememberCalls(false)
            .settings(
                c ->
                    c.retryDelay(Duration.ofMillis(1))
                        .life(l -> l.callsPerWorker(places).crashLimit(0))
                        .sessions(s -> s.mode(mode)))
            .start()) {
      SessionCallers callers = new SessionCallers(pool, SESSIONS, keeping);
      callers.start();
      for (int kill = 0; kill < KILLS; kill++) {
        callers.awaitFurther();
        int mark = pool.watcher().mark();
        int slot = kill % SIZE;
        Processes.signal("KILL", pool.pid(slot));
        pool.watcher().awaitReady(mark, slot);
      }
      callers.awaitFurther();
      callers.stop();

      assertThat(callers.wrong()).as("%s", callers).isEmpty();
      if (mode == SessionMode.STRICT && keeping) {
        // Each session lived on one of the two workers when that was killed.
        assertThat(callers.lost()).as("%s", callers).isGreaterThanOrEqualTo(SESSIONS);
      } else {
        assertThat(callers.lost()).as("%s", callers).isZero();
      }
      callers.end();
      assertThat(pool.snapshot().sessions().open()).isZero();
      assertThat(pool.pool().sessions().store().list()).isEmpty();
    }
  }
}
