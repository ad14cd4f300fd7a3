// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.serpentry.config.PoolConfig;
import org.serpentry.environment.PythonEnvironment;
import org.serpentry.pool.PythonSetup;

/**
 * The Python of the benchmarks: the environment of the examples, which holds orjson and DSPy, built
 * by the project's own builder under {@code target/bench-python} once and for all.
 */
public final class BenchPython {

  /** The project's directory. */
  public static final Path REPOSITORY = Path.of("").toAbsolutePath();

  public static final Path RUNTIME = REPOSITORY.resolve("python/src");
  public static final Path SCRIPTS = REPOSITORY.resolve("python/bench");

  private BenchPython() {}

  /**
   * Where results go.
   *
   * @return the directory
   */
  public static Path directory() {
    return REPOSITORY.resolve(System.getProperty("bench.directory", "target/bench"));
  }

  /** The environment's interpreter; builds the environment when there is none. */
  public static Path interpreter() throws InterruptedException {
    return interpreter(REPOSITORY.resolve("python/examples/requirements.lock"));
  }

  /** The Python that the environments are made from. */
  public static String baseInterpreter() {
    return System.getProperty("serpentry.test.python", "python3");
  }

  /** The same for an environment of other packages. */
  public static Path interpreter(Path requirements) throws InterruptedException {
    PoolConfig config =
        PoolConfig.builder("bench")
            .interpreter(baseInterpreter())
            .requirements(requirements)
            .environmentCache(REPOSITORY.resolve("target/bench-python"))
            .buildEnvironment(true)
            .build();
    try (PythonEnvironment environment =
        new PythonEnvironment(config, RUNTIME, line -> System.out.println(line))) {
      return environment.resolve().executable();
    }
  }

  /** What a pool needs to run the workload. */
  static PythonSetup setup(Path interpreter) {
    Map<String, String> environment = new HashMap<>();
    for (String name : List.of("PATH", "HOME", "LANG", "TZ", "TMPDIR")) {
      String value = System.getenv(name);
      if (value != null) {
        environment.put(name, value);
      }
    }
    return new PythonSetup(interpreter, RUNTIME, List.of(SCRIPTS), "0123", environment);
  }

  /** Version of the interpreter and of the packages that matter here. */
  public static String versions(Path interpreter) throws IOException {
    return versions(interpreter, "orjson", "dspy");
  }

  /** Version of the interpreter and of some packages. */
  public static String versions(Path interpreter, String... packages) throws IOException {
    Process process =
        new ProcessBuilder(
                interpreter.toString(),
                "-c",
                "import sys, platform, importlib.metadata as m;"
                    + " print(platform.python_implementation(), platform.python_version() + ',',"
                    + " ', '.join(f'{n} {m.version(n)}' for n in sys.argv[1].split()))",
                String.join(" ", packages))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
