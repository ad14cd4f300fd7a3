// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One run of the Python builder. {@link #run} may be called once, by one thread; {@link #stop} by
 * any thread, before, during or after.
 */
final class EnvironmentBuild {
  private static final long GRACE_SECONDS = 10;

  private final Failures failures;
  private final Consumer<String> progress;

  // run() sets the process and then looks at the wish; stop() does it the other way round.
  private volatile Process running;
  private volatile boolean stopped;

  // Written by the reading thread, read after it has been joined.
  private Map<String, String> last = Map.of();
  private String lastText = "";

  EnvironmentBuild(Failures failures, Consumer<String> progress) {
    this.failures = failures;
    this.progress = progress;
  }

  /** Waits until the environment stands, however long that takes, and returns its interpreter. */
  Path run(List<String> command) throws InterruptedException {
    if (stopped) {
      throw cancelled();
    }
    Process process;
    try {
      // The server's own environment: the user's index, proxy and certificate settings hold here.
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException problem) {
      throw failures.of(
          "build-failed", "The builder cannot be started: " + problem.getMessage(), "", problem);
    }
    running = process;
    if (stopped) {
      end(process);
      throw cancelled();
    }
    Thread reader = new Thread(() -> read(process), failures.pool() + "-environment");
    reader.setDaemon(true);
    reader.start();
    try {
      process.waitFor();
      reader.join();
    } catch (InterruptedException interruption) {
      end(process);
      throw interruption;
    } finally {
      closeInput(process);
    }
    if ("ready".equals(last.get("event"))) {
      return Path.of(last.get("python"));
    }
    if ("failed".equals(last.get("event"))) {
      throw failures.of(last.get("code"), last.get("message"), last.get("action"), null);
    }
    if (stopped) {
      throw cancelled();
    }
    throw failures.of(
        "build-failed",
        "The builder ended with status " + process.exitValue() + " and said: " + lastText,
        "",
        null);
  }

  /** Ends the build and what it started, and waits for that. */
  void stop() {
    stopped = true;
    Process process = running;
    if (process != null) {
      end(process);
    }
  }

  private void read(Process process) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        accept(line);
      }
    } catch (IOException problem) {
      lastText = "its output could not be read: " + problem.getMessage();
    }
  }

  private void accept(String line) {
    Map<String, String> members = FlatJson.read(line);
    if (members.isEmpty()) {
      lastText = line;
      progress.accept(line);
    } else if ("progress".equals(members.get("event"))) {
      progress.accept(members.get("percent") + "% " + members.get("text"));
    } else {
      last = members;
    }
  }

  private void end(Process process) {
    // The builder takes the end of its input as the wish to stop, and cleans up.
    closeInput(process);
    boolean interrupted = Thread.interrupted();
    try {
      if (process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException again) {
      interrupted = true;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void closeInput(Process process) {
    try {
      process.getOutputStream().close();
    } catch (IOException problem) {
      progress.accept("The builder's input could not be closed: " + problem.getMessage());
    }
  }

  private RuntimeException cancelled() {
    return failures.of("cancelled", "The build of the Python environment was ended.", "", null);
  }
}
