// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.PoolConfigBuilder;

@Tag("layer-2")
@Timeout(60)
class PythonDoctorTest {
  @TempDir Path modules;

  @Test
  void aSoundPoolIsSound() throws Exception {
    Files.writeString(modules.resolve("calm.py"), "import os\nos.environ['MODEL']\n");
    PoolConfigBuilder config =
        PoolConfig.builder("ml").preload(List.of("calm")).environment("MODEL", "m");
    assertThat(examine(config))
        .satisfies(
            report ->
                assertThat(report.lines()).anyMatch(line -> line.contains("module calm: imports")))
        .returns(true, PythonDoctor.Report::sound);
  }

  @Test
  void aModuleThatStartsAThreadIsReportedWithWhatToDo() throws Exception {
    Files.writeString(
        modules.resolve("threaded.py"),
        """
        import threading
        threading.Thread(target=threading.Event().wait, name='poller', daemon=True).start()
        """);
    PythonDoctor.Report report = examine(PoolConfig.builder("ml").preload(List.of("threaded")));
    assertThat(report.sound()).isFalse();
    assertThat(report.lines())
        .anyMatch(line -> line.contains("poller"))
        .anyMatch(line -> line.contains("start-method=spawn"));
  }

  private PythonDoctor.Report examine(PoolConfigBuilder builder) throws Exception {
    PoolConfig config = builder.interpreter("python3").build();
    Path runtime = Path.of("python", "src");
    try (PythonEnvironment environment = new PythonEnvironment(config, runtime, line -> {})) {
      return PythonDoctor.examine(environment.resolve(), runtime, List.of(modules), config);
    }
  }
}
