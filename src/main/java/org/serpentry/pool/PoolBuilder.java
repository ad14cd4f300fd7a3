// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.serpentry.api.PythonPoolException;
import org.serpentry.attachment.SharedMemory;
import org.serpentry.config.AttachmentConfig;
import org.serpentry.config.LiveConfig;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.StartMode;
import org.serpentry.environment.CodeSnapshot;
import org.serpentry.environment.CodeSource;
import org.serpentry.spi.Codec;
import org.serpentry.spi.PoolListener;
import org.serpentry.spi.SessionStore;
import org.serpentry.spi.WorkerLauncher;
import org.serpentry.telemetry.Listeners;
import org.serpentry.transport.Endpoint;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.BegunWords;
import org.serpentry.worker.DirectLauncher;
import org.serpentry.worker.Launcher;
import org.serpentry.worker.Reception;
import org.serpentry.worker.Run;
import org.serpentry.worker.RunRegistry;

/** Starts a {@link WorkerPool}. For one thread, once. */
public final class PoolBuilder {

  private static final Logger LOG = System.getLogger(PoolBuilder.class.getName());

  /** More workers than this cannot live at once, those being replaced included. */
  private static final int WORDS = 20_000;

  private final PoolConfig config;
  private final PythonSetup python;
  private final Codec codec;
  private final Listeners listeners = new Listeners();
  private WorkerLauncher launcher = new DirectLauncher();
  private Executor completions = ForkJoinPool.commonPool();
  private ThreadFactory threads;
  private Clock clock = Clock.systemUTC();
  private LongSupplier nanoTime = System::nanoTime;
  private RandomGenerator random = new SplittableRandom();
  private Consumer<Runnable> jumps = look -> {};
  private Launcher.Watch launcherWatch = Launcher.Watch.USUAL;
  private CodeSource code;
  private CodeSnapshot firstCode;
  private SessionSetup sessions = SessionSetup.OWN;

  /**
   * A pool with these settings.
   *
   * @param config its settings
   * @param python the Python that it runs
   * @param codec its JSON codec
   */
  public PoolBuilder(PoolConfig config, PythonSetup python, Codec codec) {
    this.config = config;
    this.python = python;
    this.codec = codec;
    this.code = CodeSource.inPlace(python.roots());
    this.firstCode = new CodeSnapshot(0, python.roots(), python.codeHash());
    this.threads =
        task -> {
          Thread thread = new Thread(task, "serpentry-" + config.name() + "-control");
          thread.setDaemon(true);
          return thread;
        };
  }

  /**
   * Attaches a listener from the beginning.
   *
   * @param listener hears what happens
   * @return this builder
   */
  public PoolBuilder listener(PoolListener listener) {
    listeners.attach(listener);
    return this;
  }

  /**
   * Starts the launcher in another way.
   *
   * @param starter starts it
   * @return this builder
   */
  public PoolBuilder launcher(WorkerLauncher starter) {
    this.launcher = starter;
    return this;
  }

  /**
   * Completes asynchronous calls elsewhere than in the common pool.
   *
   * @param executor completes them
   * @return this builder
   */
  public PoolBuilder completions(Executor executor) {
    this.completions = executor;
    return this;
  }

  /**
   * Makes the control thread in another way.
   *
   * @param factory makes it
   * @return this builder
   */
  public PoolBuilder threads(ThreadFactory factory) {
    this.threads = factory;
    return this;
  }

  /**
   * Reloads code from a source. Without one, code is loaded anew from where the setup says that it
   * lies.
   *
   * @param source takes snapshots; the pool discards those that it does not need any more
   * @param first the snapshot to start with, in place of the setup's roots and hash
   * @return this builder
   */
  public PoolBuilder code(CodeSource source, CodeSnapshot first) {
    this.code = source;
    this.firstCode = first;
    return this;
  }

  /**
   * Keeps sessions in a store that outlives the pool.
   *
   * @param store the store
   * @param prefix comes before the ids of this pool's sessions in it
   * @return this builder
   */
  public PoolBuilder sessionStore(SessionStore store, String prefix) {
    this.sessions = new SessionSetup(store, prefix);
    return this;
  }

  /** Watches the launcher more or less closely, so that a test need not wait for it. */
  PoolBuilder launcherWatch(Launcher.Watch watch) {
    this.launcherWatch = watch;
    return this;
  }

  /**
   * Uses other clocks.
   *
   * @param wall stamps histories
   * @param elapsed measures time, as {@link System#nanoTime()}
   * @return this builder
   */
  public PoolBuilder clocks(Clock wall, LongSupplier elapsed) {
    this.clock = wall;
    this.nanoTime = elapsed;
    return this;
  }

  /**
   * Draws the jitter of recycling limits from another source than the usual one.
   *
   * @param source used by the pool's control thread only
   * @return this builder
   */
  public PoolBuilder random(RandomGenerator source) {
    this.random = source;
    return this;
  }

  /**
   * Uses clocks that jump, as those of tests do. The pool waits in real time, so that whoever moves
   * the clocks must have it look at them.
   *
   * @param wall stamps histories
   * @param elapsed measures time, as {@link System#nanoTime()}
   * @param onJump gets a task to be run after every jump, on any thread; it returns when what fell
   *     due has been done
   * @return this builder
   */
  public PoolBuilder clocks(Clock wall, LongSupplier elapsed, Consumer<Runnable> onJump) {
    this.jumps = onJump;
    return clocks(wall, elapsed);
  }

  /**
   * Starts the pool. With {@link StartMode#EAGER} it waits until every worker is ready.
   *
   * @return the running pool
   * @throws PythonPoolException when it cannot be started; nothing of it is left then
   */
  public WorkerPool start() {
    WorkerPool pool;
    try {
      pool = open();
    } catch (IOException e) {
      throw new Failures(config.name(), 0).unavailable(e.getMessage());
    }
    if (config.start() == StartMode.EAGER) {
      awaitFull(pool);
    }
    return pool;
  }

  private WorkerPool open() throws IOException {
    Path run = runDirectory();
    Run noted = new RunRegistry(config.life().runRegistry()).open(run);
    Endpoint endpoint = null;
    Reactor reactor = null;
    Chores chores = new Chores(config.name());
    SharedMemory memory = SharedMemory.open(config.name(), noted.id(), run, sharing());
    try {
      endpoint = Endpoint.open(run);
      BegunWords words = BegunWords.create(run, WORDS, LivePlaces.most(config));
      reactor =
          new Reactor(
              threads,
              nanoTime,
              e -> LOG.log(Level.ERROR, "[" + config.name() + "] A control task failed", e));
      PoolContext context =
          new PoolContext(
              new LiveConfig(config, clock),
              python,
              codec,
              launcher,
              listeners,
              reactor,
              clock,
              nanoTime,
              random,
              run,
              token(),
              launcherWatch,
              code,
              firstCode,
              chores,
              memory,
              noted,
              sessions);
      PoolShutdown shutdown = new PoolShutdown(reactor, endpoint, run, chores, noted);
      WorkerPool pool = new WorkerPool(context, completions, shutdown);
      Reception reception = reception(context, pool.crew());
      shutdown.lastOnReactor(
          () -> {
            reception.close();
            pool.crew().endAll();
          });
      reception.open(endpoint);
      jumps.accept(new ClockJump(reactor, pool.crew(), pool.checkout()));
      reactor.execute(() -> pool.begin(words));
      reactor.start();
      return pool;
    } catch (IOException | RuntimeException | Error e) {
      discard(reactor, endpoint, run, noted, e);
      throw e;
    }
  }

  /** Clears up after a start that failed, for example for want of threads. */
  private static void discard(
      Reactor reactor, Endpoint endpoint, Path run, Run noted, Throwable failure) {
    try {
      if (reactor != null) {
        reactor.discard();
      }
      if (endpoint != null) {
        endpoint.close();
      }
      PoolShutdown.delete(run);
      noted.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private SharedMemory.Settings sharing() {
    AttachmentConfig attachments = config.attachments();
    return new SharedMemory.Settings(
        attachments.sharedMemoryDirectory(),
        attachments.sharedMemory(),
        attachments.attachmentThreshold(),
        config.life().user());
  }

  private static Path runDirectory() throws IOException {
    return Files.createTempDirectory(
        "srp", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static String token() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private Reception reception(PoolContext context, Crew crew) {
    return new Reception(
        config.name(),
        context.token(),
        new Reception.Limits((int) config.maxFrameSize(), config.maxNesting()),
        codec,
        context.reactor(),
        nanoTime,
        new Hosts(crew, context.memory()));
  }

  private void awaitFull(WorkerPool pool) {
    try {
      pool.crew().full().get(config.startTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      pool.close();
      if (e.getCause() instanceof PythonPoolException failure) {
        throw failure;
      }
      throw new CompletionException(e.getCause());
    } catch (TimeoutException e) {
      PythonPoolException failure =
          new Failures(config.name(), 0)
              .startTimedOut(config.startTimeout(), pool.control().counts());
      pool.close();
      throw failure;
    } catch (InterruptedException e) {
      pool.close();
      Thread.currentThread().interrupt();
      throw new Failures(config.name(), 0).unavailable("its start was interrupted");
    }
  }
}
