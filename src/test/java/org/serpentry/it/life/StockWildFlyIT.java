// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.it.PoolWars;

/** WildFly as it is delivered: with Jakarta EE, without MicroProfile Fault Tolerance and Health. */
@Tag("layer-2")
@EnabledIfSystemProperty(named = "itest.server", matches = "wildfly")
class StockWildFlyIT {

  @TempDir static Path directory;

  private static ServerProcess server;

  @BeforeAll
  static void start() throws Exception {
    server = WildFlyProcess.launch(directory, "standalone-full.xml", List.of());
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Test
  void aGuardedPoolIsRefusedWithTheCommandThatAddsWhatIsMissing() throws Exception {
    Path war = server.export(PoolWars.main("guarded.war", Map.of()).addClass(CallServlet.class));

    assertThatThrownBy(() -> server.deploy(war))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("this server does not apply MicroProfile Fault Tolerance")
        .hasMessageContaining("microprofile-fault-tolerance-smallrye is missing")
        .hasMessageContaining(
            "bin/jboss-cli.sh --file=docs/examples/enable-microprofile.cli"
                + " -Dconfig=standalone-full.xml")
        .hasMessageContaining("serpentry.pool.default.fault-tolerance=core");
  }

  @Test
  void aPoolThatDoesWithoutGuardServes() throws Exception {
    Path war =
        server.export(
            PoolWars.main("core.war", Map.of("serpentry.pool.default.fault-tolerance", "core"))
                .addClass(CallServlet.class));

    server.deploy(war);

    assertThat(server.get(war, "/call")).isEqualTo("5");
  }
}
