// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.worker.BegunWords;
import org.serpentry.worker.Worker;

@Tag("core-pool")
@Tag("layer-1")
class SlotTest {

  @TempDir Path directory;

  @Test
  void countsAWorkerAsUnusedOnlyAfterAWholePeriod() throws IOException {
    BegunWords words = BegunWords.create(directory, 3);
    Slot slot = new Slot(1);
    assertThat(slot.unusedSinceTick()).isFalse();
    Worker first = new Worker(1, 1, 1, words, Clock.systemUTC());
    slot.arrived(first);
    assertThat(slot.unusedSinceTick()).isFalse();
    assertThat(slot.unusedSinceTick()).isTrue();
    first.answered();
    assertThat(slot.unusedSinceTick()).isFalse();
    assertThat(slot.unusedSinceTick()).isTrue();
    slot.arrived(new Worker(2, 1, 1, words, Clock.systemUTC()));
    assertThat(slot.unusedSinceTick()).isFalse();
    assertThat(slot.unusedSinceTick()).isTrue();
  }
}
