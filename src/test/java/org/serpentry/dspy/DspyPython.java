// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.nio.file.Path;
import org.serpentry.config.PoolConfig;
import org.serpentry.environment.PythonEnvironment;

/**
 * The Python of the tests that need DSPy: the environment of the examples, built once in the
 * lasting cache that {@code mvn -Prun} and the Python checks use too.
 */
final class DspyPython {
  private static final Path PYTHON = Path.of("python").toAbsolutePath();

  private DspyPython() {}

  /** Its interpreter. */
  static String interpreter() throws InterruptedException {
    PoolConfig config =
        PoolConfig.builder("dspy")
            .interpreter(System.getProperty("serpentry.test.python", "python3"))
            .requirements(PYTHON.resolve("examples/requirements.lock"))
            .environmentCache(Path.of(System.getProperty("user.home"), ".cache", "serpentry"))
            .buildEnvironment(true)
            .build();
    try (PythonEnvironment environment =
        new PythonEnvironment(config, PYTHON.resolve("src"), line -> System.out.println(line))) {
      return environment.resolve().executable().toString();
    }
  }
}
