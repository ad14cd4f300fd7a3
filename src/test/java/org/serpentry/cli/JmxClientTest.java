// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.PythonType;

/** The command line on a server with several applications, whose pools have the same names. */
@Tag("layer-1")
class JmxClientTest {
  private static final Type ROWS = new PythonType<List<Map<String, Object>>>() {}.type();

  private final MBeanServer server = MBeanServerFactory.newMBeanServer();
  private JMXConnectorServer address;

  /** As much of a pool as is asked for here. */
  public interface PoolMXBean {
    String getStatus();

    int getSize();

    void suspend();
  }

  private static PoolMXBean pool(String status) {
    return new PoolMXBean() {
      @Override
      public String getStatus() {
        return status;
      }

      @Override
      public int getSize() {
        return 2;
      }

      @Override
      public void suspend() {}
    };
  }

  private record Ran(int status, String out, String err) {}

  @BeforeEach
  void start() throws Exception {
    address =
        JMXConnectorServerFactory.newJMXConnectorServer(
            new JMXServiceURL("rmi", "127.0.0.1", 0), Map.of(), server);
    address.start();
  }

  @AfterEach
  void stop() throws Exception {
    address.stop();
  }

  private void add(String name, String status) throws Exception {
    server.registerMBean(pool(status), new ObjectName("serpentry:" + name));
  }

  private Ran run(String... words) {
    List<String> all = new ArrayList<>(List.of("--url", address.getAddress().toString()));
    all.addAll(List.of(words));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        JmxClient.run(
            all,
            variable -> null,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Ran(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void eachPoolIsShownWithItsApplication() throws Exception {
    add("application=billing,pool=default", "OK");
    add("application=shop,pool=default", "SUSPENDED");

    Ran text = run("status");
    assertThat(text.err()).isEmpty();
    assertThat(text.status()).as("one is not OK").isEqualTo(1);
    assertThat(text.out().lines().map(line -> line.split(" +")).toList())
        .satisfies(
            lines -> {
              assertThat(lines).hasSize(3);
              assertThat(lines.get(0)).startsWith("APPLICATION", "POOL", "STATUS");
              assertThat(lines.get(1)).startsWith("billing", "default", "OK");
              assertThat(lines.get(2)).startsWith("shop", "default", "SUSPENDED");
            });
    try (Jsonb json = JsonbBuilder.create()) {
      List<Map<String, Object>> rows = json.fromJson(run("status", "--json").out(), ROWS);
      assertThat(rows).extracting(row -> row.get("application")).containsExactly("billing", "shop");
      assertThat(rows).extracting(row -> row.get("pool")).containsExactly("default", "default");
      assertThat(rows).allSatisfy(row -> assertThat(row).doesNotContainKey("module"));
    }
    assertThat(run("status", "--application", "billing").status()).isZero();
  }

  @Test
  void modulesOfOneApplicationAreToldApartAndNamed() throws Exception {
    add("application=shop,module=web,pool=default", "OK");
    add("application=shop,module=batch,pool=default", "OK");

    assertThat(run("status").out().lines().map(line -> line.split(" +")).toList())
        .satisfies(
            lines -> {
              assertThat(lines.get(0)).startsWith("APPLICATION", "MODULE", "POOL");
              assertThat(lines.get(1)).startsWith("shop", "batch", "default");
              assertThat(lines.get(2)).startsWith("shop", "web", "default");
            });
    Ran two = run("dump");
    assertThat(two.status()).isEqualTo(2);
    assertThat(two.err()).contains("module=web").contains("--module");
    Ran none = run("--module", "nowhere", "status");
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("shop/batch/default, shop/web/default");
    assertThat(run("--module", "web", "--json", "status").out())
        .contains("\"module\":\"web\"")
        .doesNotContain("batch");
  }

  @Test
  void theFileOfPasswordsIsReadAsTheServerReadsIt(@TempDir Path directory) throws Exception {
    add("application=shop,pool=default", "OK");
    Path file = directory.resolve("jmxremote.password");
    for (String line : List.of("operator secret", "operator\tsecret", "  operator   secret ")) {
      Files.writeString(file, "# users\noperators other\n" + line + "\n");

      Ran ran = run("--user", "operator", "--password-file", file.toString(), "status");

      assertThat(ran.status()).as(ran.err()).isZero();
    }
    Ran stranger = run("--user", "oper", "--password-file", file.toString(), "status");
    assertThat(stranger.err()).contains("has no line for oper").doesNotContain("secret");
  }
}
