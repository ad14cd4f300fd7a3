// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jboss.shrinkwrap.api.asset.StringAsset;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.serpentry.dspy.ModelEndpoint;

/** The application in which things go wrong, and the world around it. Outside the server only. */
final class IncidentWar implements AutoCloseable {
  /** A module of which a worker dies at its start for as long as a file is there. */
  private static final String CRASHING =
      """
      import os

      if os.path.exists(os.environ["CRASHES_WHILE"]):
          print("the licence server does not answer", flush=True)
          os._exit(3)
      """;

  private static final String PRICES =
      "import serpentry\n@serpentry.expose\ndef price() -> int:\n    return %s\n";

  private final Path directory;
  private final ModelEndpoint endpoint;
  private final Socket dead = new Socket();

  IncidentWar() throws IOException, InterruptedException {
    directory = Files.createTempDirectory("serpentry-incidents");
    endpoint = ModelEndpoint.start();
    dead.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)); // And never listens.
    for (String name : List.of("code", "shm", "shm2")) {
      Files.createDirectory(directory.resolve(name));
    }
    deployPrice("1");
    makeEnvironment();
  }

  /** A Python with what the pool {@code wrong} needs and the base interpreter lacks. */
  private void makeEnvironment() throws IOException, InterruptedException {
    Path venv = directory.resolve("venv");
    Process process =
        new ProcessBuilder("python3", "-m", "venv", "--without-pip", venv.toString())
            .inheritIO()
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("no virtual environment could be made in " + venv);
    }
    try (DirectoryStream<Path> lib = Files.newDirectoryStream(venv.resolve("lib"), "python3*")) {
      Files.writeString(
          lib.iterator().next().resolve("site-packages").resolve("needed_package.py"), "");
    }
  }

  /** Puts another version of the module {@code prices} where reloadCode finds it. */
  void deployPrice(String expression) throws IOException {
    Files.writeString(directory.resolve("code/prices.py"), PRICES.formatted(expression));
  }

  /** Workers of the pool {@code crash} die at their start from now on, or no longer. */
  void crashes(boolean whether) throws IOException {
    if (whether) {
      Files.createFile(directory.resolve("crash"));
    } else {
      Files.delete(directory.resolve("crash"));
    }
  }

  /** Nothing can be written any more where shared memory lies. */
  void fillSharedMemory() throws IOException {
    delete(directory.resolve("shm"));
  }

  /** Another place for shared memory. */
  String otherSharedMemory() {
    return directory.resolve("shm2").toString();
  }

  /** The interpreter that the pool {@code wrong} should have. */
  String rightInterpreter() {
    return directory.resolve("venv/bin/python").toString();
  }

  /** Where a language model answers. */
  String livingEndpoint() {
    return endpoint.address();
  }

  /** Where connections are refused. */
  String deadEndpoint() {
    return "http://127.0.0.1:" + dead.getLocalPort() + "/v1";
  }

  WebArchive archive() {
    Map<String, String> settings = new TreeMap<>();
    List<String> pools =
        List.of("calls", "small", "pinned", "deploy", "crash", "breaker", "arrays", "wrong", "lm");
    settings.put("serpentry.pools", String.join(",", pools));
    for (String pool : pools) {
      put(settings, pool, "start", "background");
      put(settings, pool, "circuit-failures", "0");
      put(settings, pool, "cancel-grace", "200ms");
      put(settings, pool, "term-grace", "200ms");
      put(settings, pool, "restart-backoff-min", "1ms");
      put(settings, pool, "restart-backoff-max", "100ms");
    }
    put(settings, "calls", "size", "2");
    put(settings, "calls", "memory-check-interval", "100ms");
    put(settings, "calls", "health-check-interval", "0s");
    put(settings, "calls", "health-check-function", "incidents:check");
    put(settings, "calls", "health-check-failures", "100");
    put(settings, "pinned", "size", "2");
    put(settings, "pinned", "session-mode", "strict");
    put(settings, "deploy", "code-directories", directory.resolve("code").toString());
    put(settings, "deploy", "preload", "prices");
    put(settings, "crash", "start-method", "spawn");
    put(settings, "crash", "preload", "crashing");
    put(settings, "crash", "environment.CRASHES_WHILE", directory.resolve("crash").toString());
    put(settings, "crash", "crash-limit", "2");
    put(settings, "crash", "crash-pause", "10m");
    put(settings, "breaker", "fault-tolerance", "core");
    put(settings, "breaker", "circuit-failures", "2");
    put(settings, "breaker", "circuit-open-time", "10m");
    put(settings, "breaker", "circuit-python-errors", "true");
    put(settings, "arrays", "shared-memory-directory", directory.resolve("shm").toString());
    put(settings, "wrong", "preload", "needed_package");
    put(settings, "lm", "requirements", Path.of("python/examples/requirements.lock"));
    put(settings, "lm", "preload", "serpentry.programs.runtime");
    put(settings, "lm", "start-timeout", "300s");
    return PoolWars.main("incidents.war", settings)
        .addClass(IncidentServlet.class)
        .addAsWebInfResource(
            Path.of("python/tests/modules/incidents.py").toFile(), "python/incidents.py")
        .addAsWebInfResource(new StringAsset(CRASHING), "python/crashing.py");
  }

  private static void put(Map<String, String> settings, String pool, String key, Path value) {
    put(settings, pool, key, value.toAbsolutePath().toString());
  }

  private static void put(Map<String, String> settings, String pool, String key, String value) {
    settings.put("serpentry.pool." + pool + "." + key, value);
  }

  private static void delete(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() throws IOException {
    dead.close();
    endpoint.close();
    delete(directory);
  }
}
