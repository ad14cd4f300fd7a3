// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.serpentry.adapter.AdaptedPool;
import org.serpentry.adapter.AdapterChoice;
import org.serpentry.api.EnvironmentException;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PythonPool;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.ApplicationConfig;
import org.serpentry.config.NanPolicy;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.StartMode;
import org.serpentry.environment.CodeSnapshot;
import org.serpentry.environment.PinnedCode;
import org.serpentry.environment.PythonEnvironment;
import org.serpentry.environment.PythonInterpreter;
import org.serpentry.environment.RuntimeFiles;
import org.serpentry.environment.RuntimeFiles.Readers;
import org.serpentry.fallback.Cascade;
import org.serpentry.management.LongOperations;
import org.serpentry.management.ManagementRegistrar;
import org.serpentry.management.PoolBeans;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.PythonSetup;
import org.serpentry.pool.WorkerPool;
import org.serpentry.telemetry.OutputLog;

/**
 * The running pools of one application and all that must be taken down with them. Started and
 * closed by one thread; what it knows of running pools may be read by any.
 */
final class PoolSet implements AutoCloseable {

  private static final Logger LOG = System.getLogger(PoolSet.class.getName());

  private final ApplicationConfig config;
  private final ApplicationId id;
  private final ClassLoader application;
  private final SessionPeers sessions;
  private final Deque<AutoCloseable> closing = new ArrayDeque<>();
  private final Map<String, WorkerPool> cores = new LinkedHashMap<>();
  private ManagementRegistrar registrar; // Set before anybody else sees this.
  private final Map<String, PythonPool> injected = new LinkedHashMap<>();
  private final Map<String, String> adapters = new LinkedHashMap<>(); // of pools without workers
  private final Standby standby;

  private PoolSet(
      ApplicationConfig config,
      ApplicationId id,
      ClassLoader application,
      SessionPeers sessions,
      Supplier<Executor> completions) {
    this.config = config;
    this.id = id;
    this.application = application;
    this.sessions = sessions;
    this.standby = new Standby(application, completions);
  }

  /**
   * Starts every pool.
   *
   * @param config the application's settings
   * @param id what the server calls it
   * @param application its class loader
   * @param sessions who calls, and where the application keeps sessions
   * @param completions asked by an asynchronous call, on its caller's thread, where it is to end
   * @param paths the way of calls to a started core
   * @return the running pools
   * @throws RuntimeException when one does not start; nothing of any of them is left then
   */
  static PoolSet start(
      ApplicationConfig config,
      ApplicationId id,
      ClassLoader application,
      SessionPeers sessions,
      Supplier<Executor> completions,
      Function<WorkerPool, CallPath> paths) {
    OwnClasses.load(application);
    PoolSet set = new PoolSet(config, id, application, sessions, completions);
    try {
      set.startAll(paths);
      return set;
    } catch (RuntimeException | Error e) {
      set.closeAfter(e);
      throw e;
    }
  }

  private void startAll(Function<WorkerPool, CallPath> paths) {
    for (PoolConfig pool : config.pools().values()) {
      long begin = System.nanoTime();
      AdapterChoice choice = standby.choose(config, pool);
      if (!choice.adapter().capabilities().python()) {
        open(pool, choice, paths);
        continue;
      }
      WorkerPool core = start(pool, paths);
      LOG.log(
          Level.INFO,
          "[{0}] Started in {1} ms: {2}",
          pool.name(),
          Long.toString((System.nanoTime() - begin) / 1_000_000),
          core.control().counts());
    }
    manage();
  }

  /** Shows the pools over JMX; last, so that the beans go before the pools do. */
  private void manage() {
    registrar =
        ManagementRegistrar.open(
            config.applicationName().orElse(id.application()),
            id.moduleInEar(),
            id.module(),
            config.managementOperations());
    closing.push(registrar);
    cores.values().forEach(registrar::register);
    adapters.forEach(
        (pool, adapter) -> registrar.register(pool, adapter, injected.get(pool)::service));
  }

  /** Shows a part of a pool over JMX. Any thread may call. */
  <T> void manage(String pool, String component, Class<T> type, Function<LongOperations, T> bean) {
    if (cores.containsKey(pool)) { // A pool that runs no Python has no parts.
      registrar.component(pool, component, type, bean);
    }
  }

  /** A pool of an adapter's that runs no Python. */
  private void open(PoolConfig pool, AdapterChoice choice, Function<WorkerPool, CallPath> paths) {
    AdaptedPool adapted = standby.open(pool, choice, closing::push);
    closing.push(adapted);
    adapted
        .workers()
        .ifPresentOrElse(
            core -> {
              cores.put(pool.name(), core);
              injected.put(
                  pool.name(), new InjectedPool(core, paths.apply(core), sessions.caller()));
            },
            () -> {
              injected.put(pool.name(), adapted.pool());
              adapters.put(pool.name(), choice.toString());
            });
  }

  private WorkerPool start(PoolConfig pool, Function<WorkerPool, CallPath> paths) {
    RuntimeFiles files = unpack(pool);
    PythonInterpreter interpreter = interpreter(pool, files);
    LOG.log(Level.INFO, "[{0}] Runs on {1}", pool.name(), interpreter);
    PinnedCode code = files.pin(pool.codeDirectories());
    CodeSnapshot first = snapshot(pool, code);
    PythonSetup setup =
        new PythonSetup(
            interpreter.executable(),
            files.runtimeDirectory(),
            first.roots(),
            first.hash(),
            LaunchEnvironment.of(System.getenv(), pool.environmentPass()));
    JsonbCodec codec = JsonbCodec.create(pool.nan() == NanPolicy.ALLOW, pool.maxNesting());
    closing.push(codec);
    OutputLog log = new OutputLog(pool.name(), pool.outputRate());
    closing.push(log);
    UnaryOperator<PoolBuilder> parts =
        builder -> {
          sessions.store().ifPresent(store -> builder.sessionStore(store, prefix(pool)));
          return builder.listener(log);
        };
    PoolConfig started = Standby.startable(pool);
    WorkerPool core = parts.apply(new PoolBuilder(started, setup, codec).code(code, first)).start();
    closing.push(core);
    log.rate(() -> core.config().outputRate());
    cores.put(pool.name(), core);
    CallPath path = paths.apply(core);
    if (!pool.services().fallback().isEmpty()) {
      Cascade cascade = standby.cascade(core, path, setup, files, codec, parts);
      closing.push(cascade);
      if (pool.start() == StartMode.EAGER) {
        cascade.awaitStart();
      }
      path = cascade;
    }
    injected.put(pool.name(), new InjectedPool(core, path, sessions.caller()));
    return core;
  }

  // Applications may share a store; their sessions are their own.
  private String prefix(PoolConfig pool) {
    return config.applicationName().orElse(id.application())
        + "/"
        + (id.moduleInEar().isEmpty() ? "" : id.moduleInEar() + "/")
        + pool.name()
        + "/";
  }

  // Each pool has a directory of its own, below the one that its settings name as lasting.
  private RuntimeFiles unpack(PoolConfig pool) {
    Path parent = pool.environmentCache();
    try {
      RuntimeFiles files =
          RuntimeFiles.unpack(
              parent,
              application,
              UserModules.find(application),
              pool.life().user().isEmpty() ? Readers.OWNER : Readers.EVERYBODY);
      closing.push(files);
      return files;
    } catch (IOException e) {
      throw new EnvironmentException(
          ErrorContext.ofPool(pool.name()),
          "the Python modules cannot be unpacked below %s (serpentry.pool.%s.environment-cache): %s"
              .formatted(parent, pool.name(), e),
          e);
    }
  }

  private static CodeSnapshot snapshot(PoolConfig pool, PinnedCode code) {
    try {
      return code.take();
    } catch (IOException e) {
      throw new EnvironmentException(
          ErrorContext.ofPool(pool.name()),
          "the code directories %s (serpentry.pool.%s.code-directories) cannot be copied below %s: %s"
              .formatted(pool.codeDirectories(), pool.name(), pool.environmentCache(), e),
          e);
    }
  }

  private static PythonInterpreter interpreter(PoolConfig pool, RuntimeFiles files) {
    try (PythonEnvironment environment =
        new PythonEnvironment(
            pool,
            files.runtimeDirectory(),
            line -> LOG.log(Level.INFO, "[{0}] Python environment: {1}", pool.name(), line))) {
      PythonInterpreter interpreter = environment.resolve();
      files.compile(interpreter);
      return interpreter;
    } catch (EnvironmentException e) {
      return Standby.without(pool, files, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EnvironmentException(
          ErrorContext.ofPool(pool.name()),
          "the deployment was interrupted while the Python environment was prepared",
          e);
    }
  }

  /** The pools' cores in the configured order. */
  List<WorkerPool> cores() {
    return List.copyOf(cores.values());
  }

  /** The pools that have no workers, by name. */
  Map<String, PythonPool> withoutWorkers() {
    Map<String, PythonPool> others = new LinkedHashMap<>(injected);
    others.keySet().removeAll(cores.keySet());
    return others;
  }

  /** The pools' beans; all pools but those that have no workers. */
  List<PoolBeans> beans() {
    return registrar.pools();
  }

  /** The application's name over JMX. */
  String application() {
    return registrar.application();
  }

  /** What is injected under a name. */
  PythonPool pool(String name) {
    return injected.get(name);
  }

  private void closeAfter(Throwable failure) {
    try {
      close();
    } catch (RuntimeException | Error e) {
      failure.addSuppressed(e);
    }
  }

  /** Stops everything in the reverse order of its start, whatever of it fails. */
  @Override
  public void close() {
    Teardown.all(closing);
  }
}
