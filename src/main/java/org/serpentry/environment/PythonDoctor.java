// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.serpentry.config.PoolConfig;

/** Asks Python's {@code doctor} whether an interpreter, a pool's modules and this machine agree. */
public final class PythonDoctor {
  private static final String START =
      "import sys;sys.path.insert(0,sys.argv.pop(1));"
          + "from serpentry.doctor import main;raise SystemExit(main(sys.argv[1:]))";

  private PythonDoctor() {}

  /**
   * What the doctor said.
   *
   * @param sound false when the pool would not start, or its calls would hang
   * @param lines the findings with what to do, for the log; names of variables, never values
   */
  public record Report(boolean sound, List<String> lines) {}

  /**
   * Examines, importing each preload module in a process of its own; takes as long as these
   * imports.
   *
   * @param roots the directories of the application's modules
   * @throws IOException the interpreter cannot be started
   * @throws InterruptedException the thread was interrupted; the examination has been ended
   */
  public static Report examine(
      PythonInterpreter python, Path runtimeDirectory, List<Path> roots, PoolConfig config)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(python.executable().toString(), "-I", "-B", "-X", "utf8", "-c", START));
    command.add(runtimeDirectory.toAbsolutePath().toString());
    command.addAll(List.of("--preload", String.join(",", config.preload())));
    command.addAll(List.of("--environment-pass", String.join(",", passed(config))));
    command.addAll(List.of("--start-method", config.startMethod().name().toLowerCase(Locale.ROOT)));
    command.addAll(List.of("--cancel-signal", config.cancelSignal()));
    command.addAll(List.of("--dump-signal", config.dumpSignal()));
    roots.forEach(root -> command.addAll(List.of("--roots", root.toAbsolutePath().toString())));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(config.environment());
    Process process = builder.start();
    process.getOutputStream().close();
    List<String> lines = new ArrayList<>();
    Thread reader = new Thread(() -> read(process, lines), config.name() + "-doctor");
    reader.setDaemon(true);
    reader.start();
    try {
      int status = process.waitFor();
      reader.join();
      return new Report(status == 0, List.copyOf(lines));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static List<String> passed(PoolConfig config) {
    List<String> names = new ArrayList<>(config.environmentPass());
    names.addAll(config.environment().keySet());
    return names;
  }

  private static void read(Process process, List<String> lines) {
    try (var output = process.inputReader(StandardCharsets.UTF_8)) {
      output.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException problem) {
      lines.add("the doctor's output could not be read: " + problem.getMessage());
    }
  }
}
