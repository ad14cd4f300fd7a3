// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.worker.BegunWords;
import org.serpentry.worker.ExitReport;
import org.serpentry.worker.Worker;

/** Whether a call may be repeated after its worker's end. */
@Tag("core-pool")
@Tag("layer-2")
class UnseenDeathTest {

  private static final ExitReport KILLED = new ExitReport(null, "SIGKILL", "", List.of(), "", 0);

  private final CallRequest request =
      new CallRequest(
          "m:f",
          new byte[3],
          List.of(),
          Map.of(),
          Void.class,
          null,
          null,
          -1,
          false,
          null,
          null,
          null);

  @Test
  void aCallThatTheDeadWorkerHadNotBegunMayBeRepeated(@TempDir Path directory) throws Exception {
    assertThat(transientAfter(KILLED, directory)).isTrue();
  }

  @Test
  void aWorkerThatNobodyHasSeenDieMayStillBeginTheCall(@TempDir Path directory) throws Exception {
    assertThat(transientAfter(ExitReport.unseen("the launcher was lost"), directory)).isFalse();
  }

  private boolean transientAfter(ExitReport exit, Path directory) throws Exception {
    Worker worker = new Worker(1, 0, 1, BegunWords.create(directory, 1, 1), Clock.systemUTC());
    worker.exited(exit);
    return new Failures("test", 0).crashed(request, worker, 7, exit).isTransient();
  }
}
