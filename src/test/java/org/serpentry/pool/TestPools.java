// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.NanPolicy;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.testing.TestPython;

/** Starts pools with the repository's own Python runtime and the test modules. */
public final class TestPools {

  private static final Path REPOSITORY = Path.of("").toAbsolutePath();

  /** The test modules. */
  static final Path MODULES = REPOSITORY.resolve("python/tests/modules");

  private static final Path REGISTRY =
      REPOSITORY.resolve("target/test-runs/" + ProcessHandle.current().pid());

  private TestPools() {}

  /** A small pool's settings, to be changed by the test. */
  public static PoolConfigBuilder config() {
    return PoolConfig.builder("test").size(1).maxSize(1).life(l -> l.runRegistry(REGISTRY));
  }

  /** A builder for a pool on the test modules. */
  public static PoolBuilder builder(PoolConfig config) {
    return builder(config, new Path[0]);
  }

  /** A builder for a pool on the test modules and further directories. */
  public static PoolBuilder builder(PoolConfig config, Path... more) {
    Path[] roots = Arrays.copyOf(more, more.length + 1);
    roots[more.length] = MODULES;
    return new PoolBuilder(
        config,
        python(roots),
        JsonbCodec.create(config.nan() == NanPolicy.ALLOW, config.maxNesting()));
  }

  /** A running pool on the test modules. */
  public static WorkerPool start(PoolConfig config) {
    return builder(config).start();
  }

  /** The Python that tests run: the one on the path, with nothing of this process's environment. */
  public static PythonSetup python() {
    return python(MODULES);
  }

  /** The same with other modules. */
  public static PythonSetup python(Path... roots) {
    Map<String, String> environment = new HashMap<>();
    for (String name : List.of("PATH", "HOME", "LANG", "TZ", "TMPDIR")) {
      String value = System.getenv(name);
      if (value != null) {
        environment.put(name, value);
      }
    }
    return new PythonSetup(
        interpreter(), REPOSITORY.resolve("python/src"), List.of(roots), "0123", environment);
  }

  private static Path interpreter() {
    return Prepared.PYTHON;
  }

  /** The interpreter, after it has compiled what every worker imports. */
  private static final class Prepared {
    static final Path PYTHON = TestPython.standard();

    static {
      TestPython.compile(PYTHON, REPOSITORY.resolve("python/src"), MODULES);
    }
  }
}
