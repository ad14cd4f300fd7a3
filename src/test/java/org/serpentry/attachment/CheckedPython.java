// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.nio.file.Path;
import org.serpentry.config.PoolConfig;
import org.serpentry.environment.PythonEnvironment;

/**
 * The Python of the tests that need NumPy, pandas, Polars or OpenTelemetry: the environment of the
 * Python checks, built once in the lasting cache that they use.
 */
public final class CheckedPython {
  private static final Path PYTHON = Path.of("python").toAbsolutePath();

  private CheckedPython() {}

  /** Its interpreter. */
  public static String interpreter() throws InterruptedException {
    PoolConfig config =
        PoolConfig.builder("checked")
            .interpreter(System.getProperty("serpentry.test.python", "python3"))
            .requirements(PYTHON.resolve("requirements-dev.lock"))
            .environmentCache(Path.of(System.getProperty("user.home"), ".cache", "serpentry"))
            .buildEnvironment(true)
            .build();
    try (PythonEnvironment environment =
        new PythonEnvironment(config, PYTHON.resolve("src"), line -> System.out.println(line))) {
      return environment.resolve().executable().toString();
    }
  }
}
