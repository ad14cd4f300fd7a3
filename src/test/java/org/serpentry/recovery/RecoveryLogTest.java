// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.FailureKind;
import org.serpentry.api.RecoveryAction;
import org.serpentry.api.RecoveryDecision;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.spi.RecoveryEvent;

@Tag("core-pool")
@Tag("layer-1")
class RecoveryLogTest {

  @Test
  void keepsTheLastTwoHundredNewestFirst() {
    RecoveryLog log = new RecoveryLog();
    for (int i = 1; i <= 203; i++) {
      log.add(
          new RecoveryEvent(
              new WorkerRef("p", 0, i, 7),
              Instant.EPOCH,
              FailureKind.WORKER_EXITED,
              "exit code 1",
              new RecoveryDecision(RecoveryAction.REMOVE, Duration.ZERO, Map.of())));
    }
    assertThat(log.events()).hasSize(200);
    assertThat(log.events().get(0).worker().worker()).isEqualTo(203);
    assertThat(log.events().get(199).worker().worker()).isEqualTo(4);
  }
}
