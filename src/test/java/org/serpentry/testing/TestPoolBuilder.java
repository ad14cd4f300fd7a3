// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.NanPolicy;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.WorkerPool;

/** Starts a {@link TestPool}. For one thread, once. */
public final class TestPoolBuilder {

  private final List<Path> modules = new ArrayList<>();
  private UnaryOperator<PoolConfigBuilder> settings = config -> config;
  private UnaryOperator<PoolBuilder> parts = pool -> pool;
  private String interpreter = System.getProperty("serpentry.test.python", "python3");
  private VirtualClock clock;
  private boolean rememberCalls = true;
  private int size = 1;

  TestPoolBuilder() {}

  /**
   * How many workers it has; the default is 1, and no more under load.
   *
   * @param workers 1 or more
   * @return this builder
   */
  public TestPoolBuilder size(int workers) {
    this.size = workers;
    return this;
  }

  /**
   * Adds directories of Python modules to the kit's own.
   *
   * @param directories the directories
   * @return this builder
   */
  public TestPoolBuilder modules(Path... directories) {
    modules.addAll(List.of(directories));
    return this;
  }

  /**
   * Changes settings.
   *
   * @param change gets the builder of the settings, with the kit's defaults set
   * @return this builder
   */
  public TestPoolBuilder settings(UnaryOperator<PoolConfigBuilder> change) {
    this.settings = change;
    return this;
  }

  /**
   * Changes parts of the pool: its listeners, its executor, the way its launcher is started.
   *
   * @param change gets the pool's builder
   * @return this builder
   */
  public TestPoolBuilder parts(UnaryOperator<PoolBuilder> change) {
    this.parts = change;
    return this;
  }

  /**
   * Lets a test drive the pool's time.
   *
   * @param virtual the clock; it may drive several pools
   * @return this builder
   */
  public TestPoolBuilder clock(VirtualClock virtual) {
    this.clock = virtual;
    return this;
  }

  /**
   * Whether the watcher remembers the end of every call, as it does by default. It never forgets,
   * so a run of very many calls is better off without.
   *
   * @param remember whether
   * @return this builder
   */
  public TestPoolBuilder rememberCalls(boolean remember) {
    this.rememberCalls = remember;
    return this;
  }

  /**
   * The Python to run; the default is the system property {@code serpentry.test.python}, or {@code
   * python3}.
   *
   * @param command a path, or a name on the PATH
   * @return this builder
   */
  public TestPoolBuilder interpreter(String command) {
    this.interpreter = command;
    return this;
  }

  /**
   * Starts the pool and, unless the settings say otherwise, waits until its workers are ready.
   *
   * @return the pool, to be closed
   * @throws org.serpentry.api.PythonPoolException when it does not start
   */
  public TestPool start() {
    PoolConfig config = config();
    TestFiles files = TestFiles.unpack();
    try {
      JsonbCodec codec = JsonbCodec.create(config.nan() == NanPolicy.ALLOW, config.maxNesting());
      PoolWatcher watcher = new PoolWatcher(rememberCalls);
      PoolBuilder builder =
          new PoolBuilder(config, files.python(TestPython.executable(interpreter), modules), codec)
              .listener(watcher);
      if (clock != null) {
        builder.clocks(clock, clock::nanoTime, clock::onJump);
      }
      WorkerPool pool = parts.apply(builder).start();
      return new TestPool(pool, watcher, new Faults(files.orders(), codec), files);
    } catch (RuntimeException | Error e) {
      try {
        files.close();
      } catch (IOException more) {
        e.addSuppressed(new UncheckedIOException(more));
      }
      throw e;
    }
  }

  private PoolConfig config() {
    PoolConfigBuilder builder = settings.apply(PoolConfig.builder("test").size(size).maxSize(size));
    List<String> preload = new ArrayList<>(builder.build().preload());
    preload.add(0, Faults.MODULE);
    return builder.preload(preload).build();
  }
}
