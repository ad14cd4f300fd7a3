// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the WAR with the two examples in Payara Micro on loopback until Ctrl-C, with JMX open behind
 * a password made for this run. The server stops with this JVM, however that ends.
 */
public final class RunServer {
  private static final int PREFERRED_HTTP_PORT = 8080;
  private static final int PREFERRED_JMX_PORT = 8686;
  private static final Path LOOPBACK_ONLY = Path.of("deploy/payara-micro/loopback.txt");
  private static final int SIGINT = 128 + 2; // what a JVM exits with that a signal has ended
  private static final int SIGTERM = 128 + 15;

  private final Path directory;
  private final int httpPort = LoopbackPorts.freePort(PREFERRED_HTTP_PORT);
  private final int jmxPort = LoopbackPorts.freePort(PREFERRED_JMX_PORT);
  private final JmxAccess access;

  private RunServer(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory);
    this.access = JmxAccess.create(directory);
  }

  /**
   * Returns when the server has been stopped; Ctrl-C reaches it and Maven at the same time.
   *
   * @param args Payara Micro's jar, the WAR, a directory for the files of this run, the Python
   *     interpreter, and optionally the directory that keeps Python environments
   */
  public static void main(String[] args) throws Exception {
    Path microJar = Path.of(args[0]).toAbsolutePath();
    Path war = Path.of(args[1]).toAbsolutePath();
    String cache = args.length > 4 && args[4] != null ? args[4].strip() : "";
    new RunServer(Path.of(args[2]).toAbsolutePath()).run(microJar, war, args[3], cache);
  }

  private void run(Path microJar, Path war, String python, String cache) throws Exception {
    LanguageModel model = languageModel(python);
    RunSettings settings = RunSettings.of(model, python, cache);
    Path settingsFile = directory.resolve("run.properties");
    settings.write(settingsFile);
    ProcessBuilder builder =
        new ProcessBuilder(command(microJar, war, settingsFile)).redirectErrorStream(true);
    settings.addTo(builder.environment());
    Process server = builder.start();
    stopAtExit(server.toHandle());

    ServerLog log =
        ServerLog.follow(server.getInputStream(), directory.resolve("server.log"), System.out);
    System.out.println("Starting Payara Micro; its log is " + log.file());
    System.out.println("The example \"answers\" asks " + model);
    if (!log.started().get()) {
      throw new IllegalStateException(
          "the application did not start; see the messages above and " + log.file());
    }
    System.out.println(
        Banner.text("http://127.0.0.1:" + httpPort, jmxPort, access, model, log.file()));
    int exitCode = server.waitFor();
    if (exitCode == SIGINT || exitCode == SIGTERM) {
      System.out.println("The server has been stopped.");
      return;
    }
    throw new IllegalStateException(
        "the server ended with exit code " + exitCode + "; see " + log.file());
  }

  private static LanguageModel languageModel(String python) throws IOException {
    if (LanguageModel.isNamed(System.getenv())) {
      return LanguageModel.named(System.getenv());
    }
    StandIn standIn = StandIn.start(python);
    stopAtExit(standIn.handle());
    return LanguageModel.standIn(standIn.port());
  }

  private static void stopAtExit(ProcessHandle process) {
    Runtime.getRuntime().addShutdownHook(new Thread(new ProcessTreeStop(process)));
  }

  private List<String> command(Path microJar, Path war, Path settings) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.add("-javaagent:" + StopWithParent.writeJar(directory));
    command.addAll(access.jvmOptions(jmxPort));
    command.addAll(List.of("-jar", microJar.toString()));
    command.addAll(List.of("--nocluster", "--port", Integer.toString(httpPort)));
    command.addAll(List.of("--prebootcommandfile", LOOPBACK_ONLY.toAbsolutePath().toString()));
    command.addAll(List.of("--systemproperties", settings.toString()));
    command.addAll(List.of("--deploy", war.toString()));
    return command;
  }
}
