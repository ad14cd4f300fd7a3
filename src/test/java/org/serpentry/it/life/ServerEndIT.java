// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.it.PoolWars;
import org.serpentry.testing.Processes;

/** What callers and Python processes see of the end of their server. */
@Tag("layer-3")
class ServerEndIT {

  @TempDir Path directory;

  @Test
  void onSigtermEveryPendingCallIsToldAndNoPythonStays() throws Exception {
    try (ServerProcess server = ServerProcess.start(directory)) {
      Path war =
          server.export(
              PoolWars.main("life.war", Map.of("serpentry.pool.default.shutdown-timeout", "1s"))
                  .addClass(CallServlet.class));
      server.deploy(war);
      Path ends = directory.resolve("ends.txt");
      server.get(
          war,
          "/call?pending=4&ends=" + URLEncoder.encode(ends.toString(), StandardCharsets.UTF_8));
      Set<Long> pythons = server.pythons();
      assertThat(pythons).hasSizeGreaterThanOrEqualTo(3);

      server.process().destroy();

      assertThat(server.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readAllLines(ends)).hasSize(4).containsOnly("PoolClosedException");
      Processes.awaitEnd(List.copyOf(pythons), 2_000);
    }
  }

  @Test
  void afterAKillOfTheServerNoPythonStays() throws Exception {
    try (ServerProcess server = ServerProcess.start(directory)) {
      Path war = server.export(PoolWars.main("life.war", Map.of()).addClass(CallServlet.class));
      server.deploy(war);
      server.get(
          war,
          "/call?pending=1&ends="
              + URLEncoder.encode(
                  directory.resolve("never.txt").toString(), StandardCharsets.UTF_8));
      Set<Long> pythons = server.pythons();
      assertThat(pythons).hasSizeGreaterThanOrEqualTo(3);

      server.process().destroyForcibly();

      assertThat(server.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
      Processes.awaitEnd(List.copyOf(pythons), 2_000);
    }
  }
}
