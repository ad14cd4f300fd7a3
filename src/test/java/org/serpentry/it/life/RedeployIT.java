// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

/**
 * Undeploying leaves no more behind than undeploying an empty WAR does. {@code mvn -Predeploy
 * verify -Dredeploys=100} does so a hundred times on each server; {@code mvn verify} three times.
 */
@Tag("layer-3")
class RedeployIT {

  private static final int ROUNDS = Integer.getInteger("redeploys", 3);

  /**
   * How much more than the empty WAR's rounds ours may leave, in all rounds together. Processes,
   * socket files and MBeans are ours alone and exact. The other three move by themselves: both
   * servers open and close files and grow and shrink thread pools with every request and
   * deployment, whosever it is, and either keeps the loader of the last application for a while.
   */
  private static final Map<String, Long> TOLERANCE =
      Map.of(Footprint.THREADS, 4L, Footprint.DESCRIPTORS, 6L, Footprint.LOADERS, 1L);

  private static final Duration SETTLING = Duration.ofMinutes(3);

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

      Footprint before = Footprint.of(server);
      rounds(server, empty, ROUNDS);
      Footprint afterEmpty = Footprint.of(server);
      rounds(server, full, ROUNDS);
      Map<String, Long> byEmpty = afterEmpty.since(before);
      Footprint afterFull = settled(server, afterEmpty, byEmpty);
      Map<String, Long> byFull = afterFull.since(afterEmpty);
      tell(byEmpty, byFull);
      assertThat(server.pythons()).isEmpty();
      assertThat(server.runDirectories()).isZero();
      assertThat(afterFull.threads()).isEmpty();
      assertThat(afterFull.beans()).isEmpty();
      assertThat(afterFull.sockets()).isZero();
      byFull.forEach(
          (kind, left) ->
              assertThat(left)
                  .as("%s left by %d redeployments", kind, ROUNDS)
                  .isLessThanOrEqualTo(allowed(kind, byEmpty)));
    }
  }

  /**
   * What is left once the server's own pools have shrunk again, whose idle threads stay for a
   * minute and more; what has leaked stays for good, and is what this answers when time is up.
   */
  private static Footprint settled(
      ServerProcess server, Footprint afterEmpty, Map<String, Long> byEmpty) throws Exception {
    long end = System.nanoTime() + SETTLING.toNanos();
    while (true) {
      Footprint now = Footprint.of(server);
      boolean within =
          now.since(afterEmpty).entrySet().stream()
              .allMatch(left -> left.getValue() <= allowed(left.getKey(), byEmpty));
      if (within || System.nanoTime() - end > 0) {
        return now;
      }
    }
  }

  private static long allowed(String kind, Map<String, Long> byEmpty) {
    return Math.max(0, byEmpty.get(kind)) + TOLERANCE.getOrDefault(kind, 0L);
  }

  /** To a file as well, since what integration tests print goes beside the reports. */
  private static void tell(Map<String, Long> byEmpty, Map<String, Long> byFull) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("%s: left behind by %d redeployments%n".formatted(ServerUnderTest.name(), ROUNDS));
    text.append("  %-18s %9s %9s%n".formatted("", "empty WAR", "this WAR"));
    byEmpty.forEach(
        (kind, left) -> text.append("  %-18s %9d %9d%n".formatted(kind, left, byFull.get(kind))));
    System.out.print(text);
    Path file = Path.of("target", "redeploys-" + ServerUnderTest.name() + ".txt");
    Files.writeString(file, text);
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
