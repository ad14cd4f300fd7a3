// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.CheckoutTimeoutException;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonType;

/** What a worker's process is given, and what is kept from it, asked of the workers themselves. */
@Tag("core-pool")
@Tag("layer-2")
class IsolationTest {

  private static final PythonType<Map<String, Object>> FACTS = new PythonType<>() {};

  @Test
  void everyWorkerHasItsOwnGroupItsLimitsAndItsSlotsEnvironment(@TempDir Path directory)
      throws IOException {
    try (WatchedPool pool =
        WatchedPool.start(
            2,
            c ->
                c.maxFiles(64)
                    .maxData(1L << 30)
                    .nice(3)
                    .umask(027)
                    .workingDirectory(directory)
                    .environment("CUDA_VISIBLE_DEVICES", "{slot}"))) {
      Set<Object> devices = new HashSet<>();
      while (devices.size() < 2) {
        var held = pool.function("faulty:sleep").args(600).callAsync(Object.class);
        Map<String, Object> facts = pool.function("faulty:facts").call(FACTS);
        assertThat(facts.get("pgid")).hasToString(facts.get("pid").toString());
        assertThat(facts.get("files")).hasToString("64");
        assertThat(facts.get("data")).hasToString(Long.toString(1L << 30));
        assertThat(Integer.parseInt(facts.get("core").toString())).isLessThanOrEqualTo(1);
        assertThat(facts.get("nice")).hasToString(Integer.toString(Math.min(19, ownNice() + 3)));
        assertThat(facts.get("umask")).hasToString(Integer.toString(027));
        assertThat(facts.get("directory")).hasToString(directory.toString());
        assertThat(facts.get("stdin")).hasToString("/dev/null");
        devices.add(
            pool.function("faulty:environment").args("CUDA_VISIBLE_DEVICES").call(String.class));
        assertThat(pool.function("faulty:environment").args("JAVA_HOME").call(String.class))
            .as("what is not on the allow-list")
            .isNull();
        held.cancel(true);
        pool.assertWhole();
      }
      assertThat(devices).containsExactlyInAnyOrder("0", "1");
    }
  }

  /** These tests may be run with less priority, which workers inherit. */
  private static int ownNice() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    // Behind the name in parentheses, which may hold blanks, comes the third field.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Integer.parseInt(fields[19 - 3]);
  }

  @Test
  void aCallThatUsesTooMuchProcessorTimeIsToldSoAndItsWorkerServesOn() {
    try (WatchedPool pool =
        WatchedPool.start(1, c -> c.life(life -> life.maxCpu(Duration.ofSeconds(1))))) {
      int worker = pool.pid(0);
      for (int i = 0; i < 2; i++) { // The limit counts each call anew, not the worker's life.
        assertThatExceptionOfType(PythonCallException.class)
            .isThrownBy(() -> pool.function("faulty:spin").call())
            .withMessageContaining("max-cpu=1s");
      }
      assertThat(pool.assertWhole()).containsExactly(worker);
    }
  }

  @Test
  void anUnknownUserIsRefusedWithWhatToDo() {
    assertThatExceptionOfType(PythonPoolException.class)
        .isThrownBy(
            () -> WatchedPool.start(1, c -> c.life(life -> life.user("nobody-of-this-name"))))
        .withMessageContaining("nobody-of-this-name")
        .isNotInstanceOf(CheckoutTimeoutException.class);
  }
}
