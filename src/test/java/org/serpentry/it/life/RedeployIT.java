// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.it.PoolWars;
import org.serpentry.it.ServerUnderTest;
import org.serpentry.testing.Processes;

/** Undeploying leaves no more behind than undeploying an empty WAR does. */
@Tag("layer-3")
class RedeployIT {

  private static final int ROUNDS = 3;

  @TempDir Path directory;

  @Test
  void redeploysLeaveNoMoreBehindThanThoseOfAnEmptyWar() throws Exception {
    try (ServerProcess server = ServerProcess.start(directory)) {
      Path empty =
          server.export(
              ShrinkWrap.create(WebArchive.class, "empty.war")
                  .addAsWebResource(new StringAsset("here"), "index.txt"));
      Path full = server.export(PoolWars.main("life.war", settings()).addClass(CallServlet.class));
      rounds(server, empty, 1);
      rounds(server, full, 1);

      Footprint before = Footprint.of(server.process());
      rounds(server, empty, ROUNDS);
      Footprint afterEmpty = Footprint.of(server.process());
      rounds(server, full, ROUNDS);
      Footprint afterFull = Footprint.of(server.process());

      assertThat(server.pythons()).isEmpty();
      assertThat(server.runDirectories()).isZero();
      assertThat(afterFull.threads()).isEmpty();
      assertThat(afterFull.beans()).isEmpty();
      assertThat(afterFull.loaders() - afterEmpty.loaders())
          .as("class loaders kept")
          .isLessThanOrEqualTo(Math.max(0, afterEmpty.loaders() - before.loaders()));
      // Not exact: both servers open and close files of their own meanwhile.
      assertThat(afterFull.descriptors() - afterEmpty.descriptors())
          .as("file descriptors kept by %d rounds", ROUNDS)
          .isLessThan(Math.max(0, afterEmpty.descriptors() - before.descriptors()) + 2L * ROUNDS);
    }
  }

  /**
   * Payara's own {@code @Timeout} leaves a task in its scheduler for as long as the timeout, call
   * ended or not, and with it the application's class loader. That is not ours to release, so what
   * is measured there is a pool without the server's guard.
   */
  private static Map<String, String> settings() {
    return ServerUnderTest.name().equals("payara")
        ? Map.of("serpentry.pool.default.fault-tolerance", "core")
        : Map.of();
  }

  private static void rounds(ServerProcess server, Path war, int count) throws Exception {
    boolean full = war.endsWith("life.war");
    for (int i = 0; i < count; i++) {
      server.deploy(war);
      if (full) {
        assertThat(server.get(war, "/call")).isEqualTo("5");
        Set<Long> pythons = server.pythons();
        assertThat(pythons).isNotEmpty();
        server.undeploy(war);
        Processes.awaitEnd(List.copyOf(pythons), 10_000);
      } else {
        assertThat(server.get(war, "/index.txt")).isEqualTo("here");
        server.undeploy(war);
      }
    }
  }
}
