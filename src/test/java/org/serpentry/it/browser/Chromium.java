// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it.browser;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A headless Chromium with a profile of its own, which it takes with it. For one thread. */
public final class Chromium implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final String LISTENING = "DevTools listening on ";

  private final Process process;
  private final Path profile;
  private final DevTools tools;

  private Chromium(Process process, Path profile, DevTools tools) {
    this.process = process;
    this.profile = profile;
    this.tools = tools;
  }

  /** The browser's program, where there is one on the path. */
  public static Optional<Path> program() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .filter(directory -> !directory.isEmpty())
        .flatMap(directory -> NAMES.stream().map(name -> Path.of(directory, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts one; it must end within the test. */
  public static Chromium start(Path program) throws IOException {
    Path profile = Files.createTempDirectory("serpentry-chromium");
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    // It may run as root, which its sandbox refuses; and it is to connect to nobody but us.
    command.addAll(
        List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            "--remote-debugging-port=0",
            "--user-data-dir=" + profile,
            "about:blank"));
    Process process =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    try {
      return new Chromium(process, profile, DevTools.connect(address(process)));
    } catch (IOException | RuntimeException e) {
      end(process, profile);
      throw e;
    }
  }

  private static String address(Process process) throws IOException {
    StringBuilder seen = new StringBuilder();
    BufferedReader errors = process.errorReader(StandardCharsets.UTF_8);
    for (String line = errors.readLine(); line != null; line = errors.readLine()) {
      if (line.startsWith(LISTENING)) {
        drain(errors);
        return line.substring(LISTENING.length()).strip();
      }
      seen.append(line).append('\n');
    }
    throw new IOException("Chromium did not start: " + seen);
  }

  // A full pipe would stop it.
  private static void drain(BufferedReader errors) {
    Thread thread =
        new Thread(() -> errors.lines().forEach(line -> {}), "serpentry-chromium-errors");
    thread.setDaemon(true);
    thread.start();
  }

  /** Opens a page of its own size, with headers that it sends with every request. */
  public Page open(int width, int height, Map<String, String> headers) {
    return new Page(tools, width, height, headers);
  }

  @Override
  public void close() throws IOException {
    tools.close();
    end(process, profile);
  }

  private static void end(Process process, Path profile) throws IOException {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    try {
      for (ProcessHandle one : all) {
        one.onExit().get(30, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("Chromium does not end", e);
    }
    try (Stream<Path> files = Files.walk(profile)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
