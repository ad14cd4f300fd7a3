// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.life;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.serpentry.it.ServerUnderTest;

/** A server in a process of its own, with its own ports and directory, which a test may kill. */
abstract class ServerProcess implements AutoCloseable {

  private static final int LOG_TAIL = 60;
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path directory;
  private final Process process;
  private final int httpPort;

  ServerProcess(Path directory, Process process, int httpPort) {
    this.directory = directory;
    this.process = process;
    this.httpPort = httpPort;
  }

  /** Starts the server that this run of the tests drives. */
  static ServerProcess start(Path directory) throws Exception {
    return ServerUnderTest.name().equals("payara")
        ? PayaraProcess.launch(directory)
        : WildFlyProcess.launch(directory);
  }

  /** Deploys and waits until that has succeeded. */
  abstract void deploy(Path war) throws Exception;

  /** Undeploys and waits until that has succeeded. */
  abstract void undeploy(Path war) throws Exception;

  final Path directory() {
    return directory;
  }

  final Process process() {
    return process;
  }

  /** Writes an archive below the server's directory. */
  final Path export(WebArchive war) throws IOException {
    Path file = Files.createDirectories(directory.resolve("wars")).resolve(war.getName());
    war.as(ZipExporter.class).exportTo(file.toFile(), true);
    return file;
  }

  /** Asks a deployed application, by the name of its WAR. */
  final String get(Path war, String path) throws IOException, InterruptedException {
    String context = war.getFileName().toString().replace(".war", "");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/" + context + path))
            .timeout(PATIENCE)
            .build();
    var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(
          "status %d for %s; the server's log ends with:%n%s"
              .formatted(response.statusCode(), request.uri(), logTail()));
    }
    return response.body();
  }

  /** What the server has logged so far. */
  final String log() throws IOException {
    return Files.readString(directory.resolve("server.log"));
  }

  private String logTail() throws IOException {
    List<String> lines = Files.readAllLines(directory.resolve("server.log"));
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL), lines.size()));
  }

  /** The processes of this server's pools that live: launchers, templates and workers. */
  final Set<Long> pythons() {
    return process
        .descendants()
        .filter(p -> isPython(p.pid()))
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }

  private static boolean isPython(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline")).contains("serpentry.launcher");
    } catch (IOException e) {
      return false; // It has just ended.
    }
  }

  /** How many run directories of pools there are in this server's temporary directory. */
  final long runDirectories() throws IOException {
    try (Stream<Path> files = Files.list(temporary(directory))) {
      return files.filter(f -> f.getFileName().toString().startsWith("srp")).count();
    }
  }

  static Path temporary(Path directory) {
    try {
      return Files.createDirectories(directory.resolve("t"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Process start(List<String> command, Path directory) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("server.log").toFile())
        .start();
  }

  /** How a server's JVM is started, to be added to. */
  static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.add("-XX:+EnableDynamicAgentLoading");
    String compiler = System.getProperty("itest.compiler", "");
    if (!compiler.isEmpty()) {
      command.add(compiler);
    }
    return command;
  }

  @Override
  public void close() throws Exception {
    process.destroyForcibly();
    if (!process.waitFor(PATIENCE.toSeconds(), SECONDS)) {
      throw new IllegalStateException("process " + process.pid() + " survived SIGKILL");
    }
  }
}
