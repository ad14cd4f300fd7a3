// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.it.PoolWars;
import org.serpentry.it.ServerUnderTest;

/** Several applications on one server, and applications that the server refuses. */
@Tag("layer-2")
class DeploymentIT {

  @TempDir static Path directory;

  private static ServerProcess server;
  private static JmxOverTls jmx;

  @BeforeAll
  static void start() throws Exception {
    jmx = new JmxOverTls(directory);
    server =
        ServerUnderTest.name().equals("payara")
            ? PayaraProcess.launch(directory, jmx.serverOptions())
            : WildFlyProcess.launch(directory, jmx.serverOptions());
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Test
  void bothWarsAnswerSideBySideAndOneOutlivesTheOther() throws Exception {
    int cores = Runtime.getRuntime().availableProcessors();
    Path main =
        server.export(
            PoolWars.main(
                    "side.war",
                    Map.of(
                        "mp.config.profile",
                        "production",
                        "serpentry.pool.default.size",
                        String.valueOf(cores + 1)))
                .addAsResource(
                    Path.of("config/production.properties").toFile(),
                    "META-INF/microprofile-config-production.properties")
                .addClass(CallServlet.class));
    Path second = server.export(PoolWars.greeting("second.war"));

    server.deploy(main);
    server.deploy(second);

    // The ready file of the profile comes before the setting without one.
    assertThat(server.log()).contains("ms: " + cores + " workers: ");
    assertThat(server.get(main, "/call")).isEqualTo("5");
    assertThat(server.get(second, "/api/greeting")).isEqualTo("Hello, Ada");
    assertThat(server.get(main, "/call")).isEqualTo("5");
    remoteJmxOverTlsKnowsItsUsersAndNobodyWithoutTheCertificate();

    server.undeploy(main);

    assertThat(server.get(second, "/api/greeting")).isEqualTo("Hello, Ada");
    server.undeploy(second);
  }

  private static void remoteJmxOverTlsKnowsItsUsersAndNobodyWithoutTheCertificate()
      throws Exception {
    assertThat(jmx.client(true, "operator", "status").output()).contains("default  OK");
    assertThat(jmx.client(true, "operator", "--application", "side", "resize", "1").status())
        .isZero();
    JmxOverTls.Ran refused = jmx.client(true, "monitor", "--application", "side", "resize", "2");
    assertThat(refused.status()).isEqualTo(3);
    assertThat(refused.output()).containsAnyOf("Access denied", "Unauthorized access");
    assertThat(jmx.client(false, "operator", "status").status()).isEqualTo(3);
  }

  @Test
  void whatPythonPrintsAndLogsReachesTheServersLogWithWorkerAndTrace() throws Exception {
    Path war =
        server.export(
            PoolWars.main(
                    "noisy.war", Map.of("serpentry.pool.default.slow-call-thresholds", "*=100ms"))
                .addClass(LogServlet.class)
                .addAsLibraries(ServerUnderTest.openTelemetry()));
    server.deploy(war);

    String logged = server.get(war, "/log");

    boolean mdc = ServerUnderTest.name().equals("wildfly");
    String slot = mdc ? " 0 " : " - ";
    String trace = mdc ? LogServlet.TRACE + " " : "- ";
    assertThat(logged.lines())
        .anyMatch(
            line ->
                line.startsWith(
                        "900 python.faulty" + slot + trace + "a record\\nFORGED one\\u001b[31m")
                    && line.contains("trace 00-" + LogServlet.TRACE))
        .anyMatch(
            line ->
                line.startsWith("1000 python.faulty" + slot + trace + "a failure")
                    && line.contains("|  Traceback (most recent call last):|")
                    && line.endsWith("|  ValueError: logged, not raised"))
        .anyMatch(
            line ->
                line.startsWith("800 serpentry.pool.default" + slot)
                    && line.endsWith(" stdout: a print"))
        .anyMatch(
            line ->
                line.startsWith("900 serpentry.pool.default" + slot)
                    && line.endsWith(" stderr: a complaint"))
        .anyMatch(
            line ->
                line.startsWith("900 serpentry.slow" + slot + trace)
                    && line.contains("at org.serpentry.it.life.LogServlet.makeNoise")
                    && line.contains("in sleep"))
        .anyMatch(
            line ->
                line.startsWith("800 serpentry.audit ")
                    && line.contains("[default] resetStatistics() by ")
                    && line.endsWith(": done"))
        .contains("flight recorder: true");
    assertThat(server.log()).contains("a record\\nFORGED one").contains("logged, not raised");
    assertThat(server.log().lines()).noneMatch(line -> line.startsWith("FORGED"));
    server.undeploy(war);
  }

  @Test
  void anUnknownPoolNameRefusesTheDeploymentAndNamesTheNearest() throws Exception {
    Path war =
        server.export(
            PoolWars.main("misnamed.war", Map.of("serpentry.pools", "texts,images"))
                .addClass(MisnamedBean.class));

    assertThatThrownBy(() -> server.deploy(war)).isInstanceOf(IOException.class);

    assertThat(server.log())
        .contains(
            "org.serpentry.it.life.MisnamedBean.pool injects the pool \"imgaes\", which is not"
                + " among serpentry.pools=texts,images; the nearest is images");
  }

  @Test
  void theProfileOfASettingChoosesItAndProductionRefusesAMockThatWouldInventAnswers()
      throws Exception {
    Path war =
        server.export(
            PoolWars.main(
                "inventing.war",
                Map.of(
                    "mp.config.profile",
                    "production",
                    "serpentry.pool.default.fallback",
                    "single",
                    "%production.serpentry.pool.default.fallback",
                    "single,mock",
                    "%development.serpentry.pool.default.adapter",
                    "mock")));

    assertThatThrownBy(() -> server.deploy(war)).isInstanceOf(IOException.class);

    assertThat(server.log())
        .contains(
            "serpentry.pool.default.fallback=single,mock is refused with"
                + " mp.config.profile=production: a mock invents its answers");
  }

  @Test
  void anUnknownKeyRefusesTheDeploymentAndNamesTheNearest() throws Exception {
    Path war =
        server.export(
            PoolWars.main("mistyped.war", Map.of("serpentry.pool.default.chekout-timeout", "1s")));

    assertThatThrownBy(() -> server.deploy(war)).isInstanceOf(IOException.class);

    assertThat(server.log())
        .contains(
            "serpentry.pool.default.chekout-timeout is not a key; the nearest is"
                + " serpentry.pool.default.checkout-timeout");
  }
}
