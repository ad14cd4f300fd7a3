// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;
import org.serpentry.adapter.AdapterChoice;
import org.serpentry.adapter.AdapterSetup;
import org.serpentry.adapter.Adapters;
import org.serpentry.adapter.TestMode;
import org.serpentry.api.EnvironmentException;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.ConfigReader;
import org.serpentry.config.NanPolicy;
import org.serpentry.config.PoolConfig;
import org.serpentry.environment.PythonEnvironment;
import org.serpentry.environment.PythonInterpreter;
import org.serpentry.mock.MockScript;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.TestPool;
import org.serpentry.testing.TestRuntime;

/** Opens the pool that an annotation asks for. For one thread. */
final class PoolOpener {

  private static final Logger LOG = System.getLogger(PoolOpener.class.getName());
  private static final String NAME = "test";
  private static final long IMPORT_SECONDS = 60;

  private final PythonPoolTest wanted;
  private final PoolConfig config;
  private final AdapterChoice choice;

  /**
   * Reads an annotation.
   *
   * @throws IllegalArgumentException naming what is wrong with it, or with the test mode
   */
  PoolOpener(PythonPoolTest wanted, Function<String, Optional<String>> parameters) {
    this.wanted = wanted;
    this.config = config(wanted);
    String configured = config.services().adapter();
    this.choice =
        Adapters.of(PoolOpener.class.getClassLoader())
            .choose(
                Optional.of(wanted.layer().adapter()).filter(name -> !name.isEmpty()),
                TestMode.of(parameters),
                Optional.of(configured).filter(name -> !name.equals(Adapters.DEFAULT)));
  }

  private static PoolConfig config(PythonPoolTest wanted) {
    String prefix = "serpentry.pool." + NAME + ".";
    Properties keys = new Properties();
    keys.setProperty("serpentry.pools", NAME);
    keys.setProperty(prefix + "size", Integer.toString(wanted.size()));
    keys.setProperty(prefix + "max-size", "size");
    keys.setProperty(prefix + "interpreter", wanted.python());
    if (!wanted.requirements().isEmpty()) {
      keys.setProperty(prefix + "requirements", wanted.requirements());
    }
    for (String setting : wanted.settings()) {
      int equals = setting.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException(
            "@PythonPoolTest: a setting is written key=value, not '" + setting + "'");
      }
      keys.setProperty(prefix + setting.substring(0, equals).trim(), setting.substring(equals + 1));
    }
    return ConfigReader.of(keys).read().pools().get(NAME);
  }

  AdapterChoice choice() {
    return choice;
  }

  /**
   * Opens it and waits until it is ready.
   *
   * @throws TestAbortedException when the environment has not what it needs
   */
  OpenPool open() {
    return choice.adapter().capabilities().python() ? real() : scripted();
  }

  private OpenPool scripted() {
    JsonbCodec codec = JsonbCodec.create(config.nan() == NanPolicy.ALLOW, config.maxNesting());
    PoolWatcher watcher = new PoolWatcher();
    AdapterSetup setup =
        new AdapterSetup(
            config,
            codec,
            () -> {
              throw new IllegalStateException(choice + " does not run Python");
            },
            new MockScript(),
            ForkJoinPool::commonPool,
            builder -> builder.listener(watcher));
    return OpenPool.of(choice, choice.adapter().open(setup), watcher, codec::close);
  }

  private OpenPool real() {
    PythonInterpreter python = interpreter();
    List<String> missing = missing(python);
    if (!missing.isEmpty()) {
      throw new TestAbortedException(
          "%s cannot import %s; install it there, or name requirements"
              .formatted(python, String.join(", ", missing)));
    }
    Path[] modules =
        Stream.of(wanted.modules()).map(Path::of).map(Path::toAbsolutePath).toArray(Path[]::new);
    return OpenPool.of(
        choice,
        TestPool.builder()
            .size(config.size())
            .interpreter(python.executable().toString())
            .modules(modules)
            .settings(defaults -> config.toBuilder())
            .start());
  }

  private PythonInterpreter interpreter() {
    try (TestRuntime runtime = TestRuntime.unpack();
        PythonEnvironment environment =
            new PythonEnvironment(config, runtime.directory(), line -> LOG.log(Level.INFO, line))) {
      return environment.resolve();
    } catch (EnvironmentException e) {
      throw new TestAbortedException("no Python for this test: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("the Python runtime cannot be unpacked", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the Python environment was prepared", e);
    }
  }

  private List<String> missing(PythonInterpreter python) {
    List<String> missing = new ArrayList<>();
    for (String name : wanted.packages()) {
      if (!name.matches("[A-Za-z_][\\w.]*")) {
        throw new IllegalArgumentException(
            "@PythonPoolTest: a package is named as in `import`, not '" + name + "'");
      }
      if (!imports(python.executable(), name)) {
        missing.add(name);
      }
    }
    return missing;
  }

  private static boolean imports(Path python, String name) {
    try {
      Process process =
          new ProcessBuilder(python.toString(), "-I", "-B", "-c", "import " + name)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(IMPORT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(
            "%s has not imported %s within %d s".formatted(python, name, IMPORT_SECONDS));
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(python + " cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + name + " was imported", e);
    }
  }
}
