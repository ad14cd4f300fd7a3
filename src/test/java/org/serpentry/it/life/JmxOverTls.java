// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.serpentry.run.JmxAccess;
import org.serpentry.run.LoopbackPorts;

/** Remote JMX by the scripts of {@code deploy/}, over TLS, with users made for one server. */
final class JmxOverTls {
  private final Path directory;
  private final JmxAccess users;
  private final int port = LoopbackPorts.freePort(0);

  /** What a script ended with. */
  record Ran(int status, String output) {}

  JmxOverTls(Path directory) throws Exception {
    this.directory = Files.createDirectory(directory.resolve("tls"));
    this.users = JmxAccess.create(this.directory);
    Ran made = run(List.of("deploy/payara-micro/make-tls.sh", this.directory.toString()), Map.of());
    if (made.status() != 0) {
      throw new IOException(made.output());
    }
  }

  /** What {@code start.sh} would give the server's JVM. */
  List<String> jvmOptions() {
    List<String> options = new ArrayList<>(users.jvmOptions(port));
    options.remove("-Dcom.sun.management.jmxremote.ssl=false");
    options.add("-Dcom.sun.management.jmxremote.ssl=true");
    options.add("-Dcom.sun.management.jmxremote.registry.ssl=true");
    options.add(
        "-Dcom.sun.management.jmxremote.ssl.config.file=" + directory.resolve("jmxremote.ssl"));
    return options;
  }

  /** Runs {@code serpentry-jmx} as somebody who has the certificate, or not. */
  Ran client(boolean certificate, String user, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("deploy/serpentry-jmx", "--user", user));
    command.addAll(List.of("--password-file", users.passwordFile().toString()));
    command.addAll(List.of("--url", "service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi"));
    command.addAll(List.of(words));
    return run(
        command,
        certificate
            ? Map.of("SERPENTRY_JMX_TRUST_STORE", directory.resolve("jmx-trust.jks").toString())
            : Map.of());
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
