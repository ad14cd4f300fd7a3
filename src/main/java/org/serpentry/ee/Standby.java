// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.serpentry.adapter.AdaptedPool;
import org.serpentry.adapter.AdapterChoice;
import org.serpentry.adapter.AdapterSetup;
import org.serpentry.adapter.Adapters;
import org.serpentry.api.EnvironmentException;
import org.serpentry.api.ErrorContext;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.ApplicationConfig;
import org.serpentry.config.ConfigException;
import org.serpentry.config.NanPolicy;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.SingleWorker;
import org.serpentry.config.StartMode;
import org.serpentry.environment.PythonEnvironment;
import org.serpentry.environment.PythonInterpreter;
import org.serpentry.environment.RuntimeFiles;
import org.serpentry.fallback.Cascade;
import org.serpentry.mock.MockAnswers;
import org.serpentry.mock.MockPool;
import org.serpentry.mock.MockScript;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.PythonSetup;
import org.serpentry.pool.WorkerPool;

/** What can answer in place of a pool's own workers, in a server. For the thread that starts. */
final class Standby {

  private static final Logger LOG = System.getLogger(Standby.class.getName());

  private final Adapters adapters;
  private final Supplier<Executor> completions;

  Standby(ClassLoader application, Supplier<Executor> completions) {
    this.adapters = Adapters.of(application);
    this.completions = completions;
  }

  /**
   * What is to answer a pool's calls.
   *
   * @throws ConfigException when there is no adapter of that name
   */
  AdapterChoice choose(ApplicationConfig config, PoolConfig pool) {
    try {
      return adapters.choose(
          Optional.empty(),
          Optional.of(config.testMode()).filter(mode -> !mode.isEmpty()),
          Optional.of(pool.services().adapter()));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          List.of(
              "%s (serpentry.test-mode, serpentry.pool.%s.adapter)"
                  .formatted(e.getMessage(), pool.name())));
    }
  }

  /** Opens a pool that runs no Python. */
  AdaptedPool open(PoolConfig pool, AdapterChoice choice, Consumer<AutoCloseable> closing) {
    LOG.log(
        Level.WARNING,
        "[{0}] Runs no Python: its calls are answered by the adapter {1}",
        pool.name(),
        choice);
    JsonbCodec codec = JsonbCodec.create(pool.nan() == NanPolicy.ALLOW, pool.maxNesting());
    closing.accept(codec);
    MockScript script = MockAnswers.script(pool.services().mockAnswers(), codec);
    return choice
        .adapter()
        .open(
            new AdapterSetup(
                pool,
                codec,
                () -> {
                  throw new IllegalStateException(choice + " asked for a Python");
                },
                script,
                completions,
                builder -> builder));
  }

  /** A pool with fallbacks may begin without its workers: something else answers then. */
  static PoolConfig startable(PoolConfig pool) {
    return pool.services().fallback().isEmpty() || pool.start() != StartMode.EAGER
        ? pool
        : pool.toBuilder().start(StartMode.BACKGROUND).build();
  }

  /**
   * An interpreter that is none, so that a pool with fallbacks is there and says what it lacks.
   *
   * @throws EnvironmentException the one given, when there are no fallbacks
   */
  static PythonInterpreter without(PoolConfig pool, RuntimeFiles files, EnvironmentException e) {
    if (pool.services().fallback().isEmpty()) {
      throw e;
    }
    LOG.log(
        Level.ERROR,
        "[{0}] Its Python environment is missing; its fallbacks answer until it is deployed anew"
            + " with one: {1}",
        pool.name(),
        e.getMessage());
    Path none = files.runtimeDirectory().resolveSibling("no-python-environment");
    return new PythonInterpreter(none, "", "", "", false);
  }

  /** The way of calls through a pool and its fallbacks. */
  Cascade cascade(
      WorkerPool core,
      CallPath path,
      PythonSetup setup,
      RuntimeFiles files,
      JsonbCodec codec,
      UnaryOperator<PoolBuilder> parts) {
    return Cascade.over(
        core,
        path,
        () -> {
          PoolConfig single = SingleWorker.of(core.config()); // As the settings are by then.
          return parts
              .apply(new PoolBuilder(single, plain(single, setup, files), codec))
              .sessionStore(core.sessions().store(), core.sessions().prefix())
              .start();
        },
        () -> mock(core.config(), codec),
        completions);
  }

  private MockPool mock(PoolConfig pool, JsonbCodec codec) {
    MockScript script = MockAnswers.script(pool.services().mockAnswers(), codec);
    return MockPool.of(pool, script, codec, completions);
  }

  /** The code as it lies there now, and the base interpreter where the environment is missing. */
  private static PythonSetup plain(PoolConfig pool, PythonSetup setup, RuntimeFiles files) {
    List<Path> roots = new ArrayList<>(pool.codeDirectories());
    roots.add(files.modulesDirectory());
    return new PythonSetup(
        java.nio.file.Files.exists(setup.interpreter())
            ? setup.interpreter()
            : base(pool, files).executable(),
        setup.runtime(),
        roots,
        files.codeHash(pool.codeDirectories()),
        setup.environment());
  }

  private static PythonInterpreter base(PoolConfig pool, RuntimeFiles files) {
    try (PythonEnvironment environment =
        new PythonEnvironment(pool, files.runtimeDirectory(), line -> {})) {
      return environment.resolve();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EnvironmentException(
          ErrorContext.ofPool(pool.name()),
          "interrupted while the Python of the single worker was looked for",
          e);
    }
  }
}
