// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An environment with Jep. It comes as source only and is compiled here, so that there must be a C
 * compiler, Python's headers and its shared library; where one is missing the last lines of pip say
 * so.
 */
final class JepPython {

  private static final int TOLD_LINES = 6;

  private final Path environment;

  private JepPython(Path environment) {
    this.environment = environment;
  }

  /** Builds the environment unless it is there. */
  static JepPython at(Path environment, String base) throws IOException, InterruptedException {
    JepPython python = new JepPython(environment);
    Path marker = environment.resolve("complete");
    byte[] locks = Files.readAllBytes(PeerProcess.SCRIPTS.resolve("jep.lock"));
    if (Files.exists(marker) && Arrays.equals(locks, Files.readAllBytes(marker))) {
      return python;
    }
    python.run(base, "-m", "venv", "--clear", environment.toString());
    python.pip("--only-binary=:all:", "-r", lock("jep-build.lock"));
    python.pip("--no-build-isolation", "--no-deps", "-r", lock("jep.lock"));
    Files.write(marker, locks);
    return python;
  }

  private static String lock(String name) {
    return PeerProcess.SCRIPTS.resolve(name).toString();
  }

  /** The package's directory. */
  Path packageDirectory() throws IOException, InterruptedException {
    return Path.of(ask("import sysconfig; print(sysconfig.get_paths()['platlib'])"), "jep");
  }

  /** The home of the Python that the environment is made from. */
  String home() throws IOException, InterruptedException {
    return ask("import sys; print(sys.base_prefix)");
  }

  private String ask(String question) throws IOException, InterruptedException {
    return run(interpreter(), "-c", question).strip();
  }

  private String interpreter() {
    return environment.resolve("bin/python").toString();
  }

  private void pip(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(interpreter(), "-m", "pip", "-q", "install", "--require-hashes", "--no-input"));
    command.addAll(List.of(arguments));
    run(command.toArray(String[]::new));
  }

  private String run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      List<String> lines = said.lines().toList();
      throw new IOException(
          String.join(" ", command)
              + " ended with "
              + process.exitValue()
              + ": "
              + String.join(
                  " / ", lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size())));
    }
    return said;
  }
}
