// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * Copies a server's output into a file, shows Serpentry's own lines and severe errors on the
 * console (without the frames of stack traces, which the file has), and notices when the server has started. One thread of its own reads the output.
 */
final class ServerLog {
  private static final String APPLICATION = "\"Name\": \"serpentry\"";
  private static final String STARTED = "ready in";
  private static final String STACK_FRAME = "\tat ";
  private static final Pattern COLOUR = Pattern.compile("\u001B\\[[0-9;]*m");

  private final CompletableFuture<Boolean> started = new CompletableFuture<>();
  private final Path file;
  private final PrintStream console;

  private ServerLog(Path file, PrintStream console) {
    this.file = file;
    this.console = console;
  }

  /** Begins to read; the thread ends with the output. */
  static ServerLog follow(InputStream output, Path file, PrintStream console) {
    ServerLog log = new ServerLog(file, console);
    Thread reader = new Thread(() -> log.copy(output), "serpentry-run-log");
    reader.setDaemon(true);
    reader.start();
    return log;
  }

  /**
   * Completes when the server says that it is ready or its output ends.
   *
   * @return true if the application runs in it
   */
  CompletableFuture<Boolean> started() {
    return started;
  }

  Path file() {
    return file;
  }

  private void copy(InputStream output) {
    boolean deployed = false;
    boolean showing = false;
    try (var in = new BufferedReader(new InputStreamReader(output, UTF_8));
        var out = Files.newBufferedWriter(file)) {
      for (String raw = in.readLine(); raw != null; raw = in.readLine()) {
        String line = COLOUR.matcher(raw).replaceAll("");
        out.write(line);
        out.newLine();
        out.flush();
        deployed |= line.contains(APPLICATION);
        if (showing || worthShowing(line)) {
          if (!line.startsWith(STACK_FRAME)) {
            console.println(line);
          }
          // A record of several lines opens with "[[" at a line's end and closes with "]]".
          showing = (showing || line.endsWith("[[")) && !line.endsWith("]]");
        }
        if (line.contains(STARTED)) {
          started.complete(deployed);
        }
      }
      started.complete(false);
    } catch (IOException e) {
      started.completeExceptionally(
          new UncheckedIOException("cannot copy the server's output to " + file, e));
    }
  }

  private static boolean worthShowing(String line) {
    return line.contains("[org.serpentry") || line.contains("SEVERE");
  }
}
