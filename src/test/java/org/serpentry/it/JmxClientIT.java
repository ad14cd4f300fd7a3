// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.reflect.Type;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.PythonType;

/** An operator at a shell: {@code deploy/serpentry-jmx}, run as it is. */
@Tag("layer-2")
@Timeout(180)
@ExtendWith(ArquillianExtension.class)
class JmxClientIT {
  private static final Jsonb JSON = JsonbBuilder.create();
  private static final Type ROWS = new PythonType<List<Map<String, Object>>>() {}.type();

  @TempDir Path directory;

  @Deployment(testable = false)
  static WebArchive war() {
    return PoolWars.main("commanded.war", Map.of("serpentry.pool.default.size", "2"))
        .addClass(CallServlet.class);
  }

  private record Ran(int status, String out, String err) {
    List<Map<String, Object>> rows() {
      return JSON.fromJson(out, ROWS);
    }
  }

  private ProcessBuilder script(String user, String... words) {
    List<String> command = new ArrayList<>(List.of("deploy/serpentry-jmx"));
    command.addAll(List.of("--application", "commanded", "--user", user));
    command.addAll(List.of("--url", ServerUnderTest.jmxUrl()));
    command.addAll(List.of("--password-file", ServerUnderTest.jmxPasswords().toString()));
    command.addAll(List.of(words));
    ProcessBuilder process = new ProcessBuilder(command);
    process.environment().put("JAVA_HOME", System.getProperty("java.home"));
    process.environment().put("SERPENTRY_JAR", ServerUnderTest.classesJar().toString());
    ServerUnderTest.wildflyHome()
        .ifPresent(home -> process.environment().put("JBOSS_HOME", home.toString()));
    return process;
  }

  private Ran runAs(String user, String... words) throws Exception {
    Path out = Files.createTempFile(directory, "out", null);
    Path err = Files.createTempFile(directory, "err", null);
    Process process =
        script(user, words).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    return new Ran(process.waitFor(), Files.readString(out), Files.readString(err));
  }

  private Ran run(String... words) throws Exception {
    Ran ran = runAs(ServerUnderTest.OPERATOR, words);
    assertThat(ran.status()).as(ran.err()).isZero();
    return ran;
  }

  @Test
  void poolsWorkersAndStacksAreShown() throws Exception {
    Ran status = run("status");
    assertThat(status.out()).contains("APPLICATION", "commanded", "POOL", "default", "OK");
    assertThat(status.err()).as("what WildFly's client says of itself").doesNotContain("INFO");
    assertThat(run("status", "--json").rows())
        .singleElement()
        .satisfies(pool -> assertThat(pool).containsEntry("application", "commanded"))
        .satisfies(pool -> assertThat(pool).containsEntry("pool", "default"))
        .satisfies(pool -> assertThat(pool).containsEntry("Status", "OK"))
        .satisfies(pool -> assertThat(pool.get("RecentEvents")).isInstanceOf(List.class));
    List<Map<String, Object>> workers = run("workers", "--json").rows();
    assertThat(workers).extracting(row -> row.get("worker")).startsWith("0", "1");
    assertThat(run("workers").out())
        .contains(String.valueOf(workers.get(0).get("Pid")).replace(".0", ""));
    assertThat(run("dump").out()).contains("most recent call first");
  }

  @Test
  void aPoolIsResizedAndAWorkerRenewedWhileNotificationsTellOfIt() throws Exception {
    Process tail = script(ServerUnderTest.OPERATOR, "tail", "--json").start();
    try (BufferedReader told = tail.inputReader(StandardCharsets.UTF_8)) {
      await(told, line -> line.containsKey("listening"));
      run("resize", "3");
      await(told, line -> says(line, "serpentry.worker.state", "/2", "READY"));
      assertThat(run("status", "--json").rows().get(0).get("Size").toString()).startsWith("3");
      run("recycle", "0");
      await(told, line -> says(line, "serpentry.worker.state", "/0", "READY"));
      assertThat(run("recycle", "all").out()).isNotBlank();
      await(told, line -> says(line, "serpentry.operation", "recycleWorkersOneByOne", "DONE"));
      run("resize", "2");
      await(told, line -> says(line, "serpentry.worker.state", "/2", "TERMINATED"));
    } finally {
      tail.destroy();
      tail.waitFor();
    }
  }

  private static boolean says(Map<String, Object> line, String type, String... parts) {
    return type.equals(line.get("type"))
        && List.of(parts).stream().allMatch(String.valueOf(line.get("message"))::contains);
  }

  @SuppressWarnings("unchecked")
  private static void await(BufferedReader told, Predicate<Map<String, Object>> wanted)
      throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = told.readLine(); line != null; line = told.readLine()) {
      if (wanted.test(JSON.fromJson(line, Map.class))) {
        return;
      }
      lines.add(line);
    }
    throw new IOException("it ended after " + lines);
  }

  @Test
  void theCallsThatRunAreShown() throws Exception {
    URI call = URI.create(ServerUnderTest.httpUri() + "/commanded/call?function=sleep&number=600");
    var answer =
        HttpClient.newHttpClient()
            .sendAsync(HttpRequest.newBuilder(call).build(), BodyHandlers.ofString());
    Ran shown = run("calls", "--json");
    while (shown.rows().isEmpty()) {
      shown = run("calls", "--json");
    }
    Map<String, Object> running = shown.rows().get(0);
    assertThat(running).containsEntry("function", "faulty:sleep").containsEntry("pool", "default");
    assertThat(running).containsEntry("application", "commanded");
    assertThat(String.valueOf(running.get("caller"))).isNotIn("", "null");
    assertThat(run("calls").out()).contains("CALLER", "TRACEPARENT", "faulty:sleep");
    while (!run("dump").out().contains("in sleep")) { // Else it is made on another worker.
      assertThat(answer).isNotDone();
    }
    assertThat(run("workers").out()).contains("CURRENT FUNCTION", "faulty:sleep");
    try (JMXConnector connector = ServerUnderTest.connectJmx(ServerUnderTest.OPERATOR)) {
      connector
          .getMBeanServerConnection()
          .invoke(
              new ObjectName("serpentry:application=commanded,pool=default"),
              "killWorker",
              new Object[] {((Number) running.get("slot")).intValue()},
              new String[] {"int"});
    }
    assertThat(answer.join().statusCode()).isEqualTo(500);
  }

  @Test
  void whatCannotBeDoneIsSaidAndShowsInTheExitStatus() throws Exception {
    Ran none = runAs(ServerUnderTest.OPERATOR, "status", "--pool", "nowhere");
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("no such pool").contains("commanded/default");
    Ran refused = runAs(ServerUnderTest.OPERATOR, "recycle", "4711");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("4711");
    Ran stranger = runAs("stranger", "status");
    assertThat(stranger.status()).isEqualTo(2);
    assertThat(stranger.err()).contains("has no line for stranger");
  }

  @Test
  void aReaderSeesEverythingAndOperatesNothing() throws Exception {
    assertThat(runAs(ServerUnderTest.MONITOR, "workers").out()).contains("READY");
    Ran resize = runAs(ServerUnderTest.MONITOR, "resize", "3");
    assertThat(resize.status()).isEqualTo(3);
    assertThat(resize.err()).containsAnyOf("Access denied", "Unauthorized access");
    assertThat(run("status", "--json").rows().get(0).get("Size").toString()).startsWith("2");
  }
}
