// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the WAR in Payara Micro on loopback until Ctrl-C, with JMX open behind a password made for
 * this run.
 */
public final class RunServer {
  private static final int PREFERRED_HTTP_PORT = 8080;
  private static final int PREFERRED_JMX_PORT = 8686;
  private static final Path LOOPBACK_ONLY = Path.of("deploy/payara-micro/loopback.txt");

  private RunServer() {}

  /**
   * Returns only when the server has ended of its own accord.
   *
   * @param args Payara Micro's jar, the WAR, and a directory for the files of this run
   */
  public static void main(String[] args) throws Exception {
    Path microJar = Path.of(args[0]).toAbsolutePath();
    Path war = Path.of(args[1]).toAbsolutePath();
    Path directory = Path.of(args[2]).toAbsolutePath();
    Files.createDirectories(directory);
    JmxAccess access = JmxAccess.create(directory);
    int httpPort = LoopbackPorts.freePort(PREFERRED_HTTP_PORT);
    int jmxPort = LoopbackPorts.freePort(PREFERRED_JMX_PORT);

    LanguageModel model = LanguageModel.find();
    Path settings = ExampleSettings.write(directory, model);

    Process server = start(command(microJar, war, access, settings, httpPort, jmxPort));
    Runtime.getRuntime().addShutdownHook(new Thread(new ProcessTreeStop(server.toHandle())));
    ServerLog log =
        ServerLog.follow(server.getInputStream(), directory.resolve("server.log"), System.out);
    System.out.println("Starting Payara Micro; its log is " + log.file());
    if (!log.started().get()) {
      throw new IllegalStateException(
          "the application did not start; see the messages above and " + log.file());
    }
    System.out.println(
        Banner.text(
            "http://127.0.0.1:" + httpPort,
            jmxPort,
            access.passwordFile(),
            log.file(),
            model.description()));
    int exitCode = server.waitFor();
    throw new IllegalStateException(
        "the server ended with exit code " + exitCode + "; see " + log.file());
  }

  private static List<String> command(
      Path microJar, Path war, JmxAccess access, Path settings, int httpPort, int jmxPort) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.addAll(access.jvmOptions(jmxPort));
    command.addAll(List.of("-jar", microJar.toString()));
    command.addAll(List.of("--nocluster", "--port", Integer.toString(httpPort)));
    command.addAll(List.of("--prebootcommandfile", LOOPBACK_ONLY.toAbsolutePath().toString()));
    command.addAll(List.of("--systemproperties", settings.toString()));
    command.addAll(List.of("--deploy", war.toString()));
    return command;
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
