// SPDX-License-Identifier: Apache-2.0
package org.serpentry.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.WorkerActivity;

@Tag("core-pool")
@Tag("layer-1")
class ProcessSampleTest {

  @Test
  void readsStateAndTicksBehindANameThatImitatesThem() {
    String stat =
        "7 (py) S 1 (x y) R 1 7 7 0 -1 4194560 100 0 2 0 31 11 5 6 20 0 3 0 99 1000 500 184467";
    assertThat(ProcessSample.of(stat)).isEqualTo(new ProcessSample('R', 42));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "7 (python) S 1 7", "7 (python)", "no process"})
  void refusesWhatIsNotOfThatForm(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ProcessSample.of(text));
  }

  @ParameterizedTest
  @CsvSource({
    "T, 5, T, 5, STOPPED",
    "t, 5, T, 5, STOPPED",
    "S, 5, T, 5, WAITING",
    "T, 5, S, 5, WAITING",
    "S, 5, S, 5, WAITING",
    "D, 5, S, 5, WAITING",
    "S, 5, S, 6, COMPUTING",
    "R, 5, R, 5, COMPUTING",
    "T, 5, R, 5, COMPUTING"
  })
  void tellsStoppedWaitingAndComputingApart(
      char state, long ticks, char laterState, long laterTicks, WorkerActivity activity) {
    assertThat(new ProcessSample(state, ticks).until(new ProcessSample(laterState, laterTicks)))
        .isEqualTo(activity);
  }

  @Test
  void seesThisProcessAndNoneWhereThereIsNoProc(@TempDir Path empty) {
    int own = (int) ProcessHandle.current().pid();
    assertThat(new Processes(Path.of("/proc")).look(own)).isPresent();
    assertThat(new Processes(empty).look(own)).isEmpty();
  }
}
