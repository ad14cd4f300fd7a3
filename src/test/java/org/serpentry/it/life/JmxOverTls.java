// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.serpentry.it.ServerUnderTest;
import org.serpentry.run.JmxAccess;
import org.serpentry.run.LoopbackPorts;

/** Remote JMX over TLS by the scripts of {@code deploy/}, with users who have passwords. */
final class JmxOverTls {
  private final Path directory;
  private final Path passwords;
  private final int port = LoopbackPorts.freePort(0);
  private final String url;
  private final List<String> serverOptions;

  /** What a script ended with. */
  record Ran(int status, String output) {}

  /** Makes what the server that this run of the tests drives needs. */
  JmxOverTls(Path directory) throws Exception {
    this.directory = Files.createDirectory(directory.resolve("tls"));
    boolean payara = ServerUnderTest.name().equals("payara");
    make(payara ? "deploy/payara-micro/make-tls.sh" : "deploy/wildfly/make-tls.sh");
    if (payara) {
      JmxAccess users = JmxAccess.create(this.directory);
      passwords = users.passwordFile();
      url = "service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi";
      serverOptions = payaraOptions(users);
    } else {
      passwords = ServerUnderTest.jmxPasswords();
      url = "service:jmx:remote+https://127.0.0.1:" + port;
      serverOptions =
          List.of(
              "--yaml=" + this.directory.resolve("tls.yaml"),
              "-Djboss.management.https.port=" + port);
    }
  }

  private void make(String script) throws Exception {
    Ran made = run(List.of(script, directory.toString()), Map.of());
    if (made.status() != 0) {
      throw new IOException(made.output());
    }
  }

  /** What {@code start.sh} would give Payara's JVM. */
  private List<String> payaraOptions(JmxAccess users) {
    List<String> options = new ArrayList<>(users.jvmOptions(port));
    options.remove("-Dcom.sun.management.jmxremote.ssl=false");
    options.add("-Dcom.sun.management.jmxremote.ssl=true");
    options.add("-Dcom.sun.management.jmxremote.registry.ssl=true");
    options.add(
        "-Dcom.sun.management.jmxremote.ssl.config.file=" + directory.resolve("jmxremote.ssl"));
    return options;
  }

  /** Options of the JVM for Payara, of the server for WildFly. */
  List<String> serverOptions() {
    return serverOptions;
  }

  /** Runs {@code serpentry-jmx} as somebody who has the certificate, or not. */
  Ran client(boolean certificate, String user, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("deploy/serpentry-jmx", "--user", user));
    command.addAll(List.of("--password-file", passwords.toString(), "--url", url));
    command.addAll(List.of(words));
    Map<String, String> variables = new HashMap<>();
    if (certificate) {
      variables.put("SERPENTRY_JMX_TRUST_STORE", directory.resolve("jmx-trust.jks").toString());
    }
    ServerUnderTest.wildflyHome().ifPresent(home -> variables.put("JBOSS_HOME", home.toString()));
    return run(command, variables);
  }

  private Ran run(List<String> command, Map<String, String> variables) throws Exception {
    Path output = directory.resolve("output");
    ProcessBuilder process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    process.environment().put("JAVA_HOME", System.getProperty("java.home"));
    process.environment().put("SERPENTRY_JAR", System.getProperty("itest.classes.jar"));
    process.environment().putAll(variables);
    int status = process.start().waitFor();
    return new Ran(status, Files.readString(output));
  }
}
