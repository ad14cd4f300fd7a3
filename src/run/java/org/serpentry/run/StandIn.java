// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The process of the local stand-in for a language model. It ends with its standard input, hence
 * with this JVM, however that ends.
 */
final class StandIn {
  static final String MODEL = "serpentry-stand-in";
  private static final Path DIRECTORY = Path.of("python/examples");

  private final Process process;
  private final int port;

  private StandIn(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts it on a free port of loopback; returns when it listens.
   *
   * @param python the interpreter, 3.11 or later
   * @throws IOException when it does not start
   */
  static StandIn start(String python) throws IOException {
    Process process =
        new ProcessBuilder(python, "-B", "-m", "standin", "--port", "0")
            .directory(DIRECTORY.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String port = output.readLine();
    if (port == null || !port.matches("\\d+")) {
      process.destroy();
      throw new IOException(
          "%s -m standin did not start; it said: %s (another interpreter: -Dpython.executable=…)"
              .formatted(python, port));
    }
    return new StandIn(process, Integer.parseInt(port));
  }

  int port() {
    return port;
  }

  ProcessHandle handle() {
    return process.toHandle();
  }
}
