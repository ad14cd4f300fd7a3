// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.serpentry.api.EnvironmentException;
import org.serpentry.config.PoolConfig;

/**
 * The Python that a pool's workers run with: the configured interpreter, or an environment made
 * from the pool's locked requirements, which is found in the cache or built there.
 *
 * <p>{@link #resolve} may be called once, by one thread, and takes as long as the build takes;
 * interrupting that thread ends the build with all its processes, and so does {@link #close} from
 * any thread. Both leave nothing half-built. Servers and applications that want the same
 * environment at the same time build it once.
 */
public final class PythonEnvironment implements AutoCloseable {
  private static final String START =
      "import sys;sys.path.insert(0,sys.argv.pop(1));"
          + "from serpentry.environment import main;raise SystemExit(main())";

  private final PoolConfig config;
  private final Path runtimeDirectory;
  private final Failures failures;
  private final EnvironmentBuild build;

  /**
   * Prepares; nothing runs yet.
   *
   * @param config the pool's interpreter, requirements, wheelhouse and cache directory
   * @param runtimeDirectory where the runtime's modules lie: {@link RuntimeFiles#runtimeDirectory}
   * @param progress takes what the build is doing, line by line, on a thread of the build's own
   */
  public PythonEnvironment(PoolConfig config, Path runtimeDirectory, Consumer<String> progress) {
    this.config = config;
    this.runtimeDirectory = runtimeDirectory;
    this.failures = new Failures(config.name());
    this.build = new EnvironmentBuild(failures, progress);
  }

  /**
   * The interpreter for the workers, checked.
   *
   * @throws EnvironmentException the interpreter is missing or unfit, or the environment cannot be
   *     built; the text says what to do, and the context's {@code code} which case it is
   * @throws InterruptedException the thread was interrupted; the build has been ended
   */
  public PythonInterpreter resolve() throws InterruptedException {
    InterpreterCheck check = new InterpreterCheck(failures);
    PythonInterpreter base = check.check(config.interpreter());
    if (config.requirements().isEmpty()) {
      return base;
    }
    return check.check(build.run(command(base)).toString());
  }

  /** Ends a running build and waits, for a few seconds at most, until its processes are gone. */
  @Override
  public void close() {
    build.stop();
  }

  private List<String> command(PythonInterpreter base) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(base.executable().toString(), "-I", "-B", "-X", "utf8", "-c", START));
    command.addAll(List.of(runtimeDirectory.toAbsolutePath().toString(), "build"));
    command.addAll(List.of("--requirements", absolute(config.requirements().orElseThrow())));
    command.addAll(List.of("--cache", absolute(config.environmentCache())));
    config.wheelhouse().ifPresent(path -> command.addAll(List.of("--wheelhouse", absolute(path))));
    if (!config.buildEnvironment()) {
      command.add("--existing-only");
    }
    return command;
  }

  private static String absolute(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }
}
