// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.serpentry.api.EnvironmentException;

/** Finds an interpreter, runs it once and judges what it says about itself. Used by one thread. */
final class InterpreterCheck {
  static final int OLDEST_MINOR = 11;
  static final int NEWEST_MINOR = 14;
  private static final String SUPPORTED = "3." + OLDEST_MINOR + " to 3." + NEWEST_MINOR;
  private static final long LIMIT_SECONDS = 30;
  private static final Pattern VERSION = Pattern.compile("3\\.(\\d+)\\.\\d+");

  // Has to run on any Python 3, so that an old one can be named instead of failing at its syntax.
  private static final String PROBE =
      "import sys,platform;print('\\n'.join(['%d.%d.%d'%sys.version_info[:3],"
          + "platform.python_implementation(),platform.machine(),sys.executable,"
          + "str(sys.prefix!=sys.base_prefix)]))";

  private final Failures failures;

  InterpreterCheck(Failures failures) {
    this.failures = failures;
  }

  /**
   * Checks a configured interpreter.
   *
   * @param configured a path, or a name to look up on the PATH
   * @throws EnvironmentException missing, not executable, not Python 3, or of the wrong version
   */
  PythonInterpreter check(String configured) throws InterruptedException {
    Path path = locate(configured);
    List<String> told = run(path);
    Matcher version = VERSION.matcher(told.isEmpty() ? "" : told.get(0));
    if (told.size() < 5 || !version.matches()) {
      throw failures.of(
          "interpreter-unfit",
          path + " does not answer like a Python 3: " + String.join(" / ", told),
          advice(),
          null);
    }
    int minor = Integer.parseInt(version.group(1));
    if (minor < OLDEST_MINOR || minor > NEWEST_MINOR) {
      String word = minor < OLDEST_MINOR ? "old" : "new";
      throw failures.of(
          "interpreter-too-" + word,
          path + " is Python " + told.get(0) + ", which is too " + word + ".",
          advice(),
          null);
    }
    // A shim chooses by the server's environment, which workers do not get: keep what it chose.
    Path real = told.get(3).isEmpty() ? path : Path.of(told.get(3));
    boolean virtual = told.get(4).equals("True");
    return new PythonInterpreter(real, told.get(0), told.get(1), told.get(2), virtual);
  }

  private Path locate(String configured) {
    if (configured.indexOf(File.separatorChar) >= 0) {
      Path path = Path.of(configured).toAbsolutePath();
      if (!Files.isRegularFile(path)) {
        throw failures.of(
            "interpreter-missing",
            "There is no Python interpreter at " + path + ".",
            advice(),
            null);
      }
      if (!Files.isExecutable(path)) {
        throw failures.of(
            "interpreter-not-executable",
            "The server's account may not execute " + path + ".",
            "Give it that right. " + advice(),
            null);
      }
      return path;
    }
    String searched = System.getenv().getOrDefault("PATH", "");
    for (String directory : searched.split(Pattern.quote(File.pathSeparator), -1)) {
      Path path = Path.of(directory, configured);
      if (!directory.isEmpty() && Files.isRegularFile(path) && Files.isExecutable(path)) {
        return path.toAbsolutePath();
      }
    }
    throw failures.of(
        "interpreter-missing",
        "There is no Python interpreter named " + configured + " on the PATH (" + searched + ").",
        advice(),
        null);
  }

  private List<String> run(Path path) throws InterruptedException {
    Process process;
    try {
      process =
          new ProcessBuilder(path.toString(), "-I", "-B", "-c", PROBE)
              .redirectErrorStream(true)
              .start();
    } catch (IOException problem) {
      throw failures.of(
          "interpreter-unfit",
          path + " cannot be started: " + problem.getMessage() + ".",
          advice(),
          problem);
    }
    try {
      process.getOutputStream().close();
      // What it prints fits into the pipe, so it may be read after the end.
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw failures.of(
            "interpreter-unfit",
            path + " did not answer within " + LIMIT_SECONDS + " s.",
            "Run `" + path + " -I -V` by hand to see why. " + advice(),
            null);
      }
      byte[] output = process.getInputStream().readNBytes(64 * 1024);
      return new ArrayList<>(new String(output, StandardCharsets.UTF_8).lines().toList());
    } catch (IOException problem) {
      throw failures.of(
          "interpreter-unfit",
          path + " could not be read: " + problem.getMessage(),
          advice(),
          problem);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private String advice() {
    return "Install Python "
        + SUPPORTED
        + " and set "
        + failures.key("interpreter")
        + " to its path.";
  }
}
