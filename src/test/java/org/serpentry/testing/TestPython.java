// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The Python of tests, which start it by the hundred: what costs time at each start is done here
 * once. Any thread.
 */
public final class TestPython {

  private static final Map<String, Path> EXECUTABLES = new ConcurrentHashMap<>();

  private TestPython() {}

  /**
   * The one that tests of this project run: the system property {@code serpentry.test.python}, or
   * {@code python3}.
   *
   * @return its executable
   */
  public static Path standard() {
    return executable(System.getProperty("serpentry.test.python", "python3"));
  }

  /**
   * The executable behind a command, which may be a script that looks for it anew at each start.
   *
   * @param command a path or a name on the PATH
   * @return the executable, or the command itself where it cannot be run: whoever starts it says
   *     what is wrong
   */
  public static Path executable(String command) {
    return EXECUTABLES.computeIfAbsent(command, TestPython::find);
  }

  private static Path find(String command) {
    try {
      return Path.of(run(command, List.of("-I", "-c", "import sys; print(sys.executable)")));
    } catch (UncheckedIOException | IllegalStateException e) {
      return Path.of(command);
    }
  }

  /**
   * Keeps the bytecode of modules beside them: workers write none, and would compile them at each
   * start.
   *
   * @param python the executable
   * @param directories of modules
   */
  public static void compile(Path python, Path... directories) {
    List<String> arguments = new ArrayList<>(List.of("-I", "-m", "compileall", "-q"));
    for (Path directory : directories) {
      arguments.add(directory.toString());
    }
    run(python.toString(), arguments);
  }

  private static String run(String command, List<String> arguments) {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(arguments);
    try {
      Process python =
          new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (python.waitFor() != 0) {
        throw new IllegalStateException(line + " ended with " + python.exitValue() + ": " + said);
      }
      return said.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + command + " ran", e);
    }
  }
}
