// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.serpentry.bench.BenchPython;

/** A peer's Python, which says on its first line that it is ready and where. */
final class PeerProcess implements AutoCloseable {

  static final Path SCRIPTS = BenchPython.SCRIPTS.resolve("peers");
  private static final String READY = "ready ";

  private final Process process;
  private final String place;

  private PeerProcess(Process process, String place) {
    this.process = process;
    this.place = place;
  }

  /** Starts a script and waits until it is ready. */
  static PeerProcess start(Path interpreter, String script, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of(interpreter.toString(), SCRIPTS.resolve(script).toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      if (line.startsWith(READY)) {
        return new PeerProcess(process, line.substring(READY.length()));
      }
    }
    process.destroyForcibly();
    throw new IOException(script + " ended before it was ready; what it said stands above");
  }

  /** The port or path that it listens at. */
  String place() {
    return place;
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
