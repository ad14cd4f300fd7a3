// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.Service;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.ServiceConfig;
import org.serpentry.mock.MockPool;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.CallRequest;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.ServiceEvent;

/**
 * The way of calls to whatever can answer them: the pool; while it cannot serve at all, one worker
 * in its place; while that cannot be started either, a mock. A call whose pool merely fails or is
 * busy is not moved. Each fall and each return is logged and counted; a probe asks the steps above
 * when the hold is over. Any thread may call; {@link #close} ends the fallbacks, not the pool.
 */
public final class Cascade implements CallPath, AutoCloseable {

  private static final Logger LOG = System.getLogger(Cascade.class.getName());
  private static final long END_SECONDS = 10;
  private static final String PING = "serpentry:ping";

  private final WorkerPool core;
  private final CallPath pool;
  private final Supplier<? extends Executor> completions;
  private final ScheduledThreadPoolExecutor timer;
  private final Steps steps;
  private final Single single;
  private final MockPool mock;
  private final Ascent ascent;
  private volatile boolean closed;

  private Cascade(
      WorkerPool core,
      CallPath pool,
      Supplier<WorkerPool> single,
      Supplier<MockPool> mock,
      Supplier<? extends Executor> completions) {
    PoolConfig config = core.config();
    List<String> names = config.services().fallback();
    List<Service> allowed = new ArrayList<>(List.of(Service.POOL));
    if (names.contains(ServiceConfig.SINGLE)) {
      allowed.add(Service.SINGLE);
    }
    if (names.contains(ServiceConfig.MOCK)) {
      allowed.add(Service.MOCK);
    }
    Duration hold = config.services().fallbackHold();
    this.core = core;
    this.pool = pool;
    this.completions = completions;
    this.steps = new Steps(allowed, hold, System::nanoTime, Clock.systemUTC());
    this.mock = allowed.contains(Service.MOCK) ? mock.get() : null;
    this.timer = // One thread for the single worker, which takes its time, and one for all else.
        new ScheduledThreadPoolExecutor(
            2,
            task -> {
              Thread thread = new Thread(task, "serpentry-" + config.name() + "-fallback");
              thread.setDaemon(true);
              return thread;
            });
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timer.setRemoveOnCancelPolicy(true);
    this.single = new Single(single, timer, hold, System::nanoTime);
    this.ascent = new Ascent(this, core, steps, this.single);
  }

  /**
   * Puts fallbacks behind a pool, as its settings say, and has the pool say what answers.
   *
   * @param core the pool; it need not serve yet
   * @param path the way of calls to it
   * @param single starts the worker in its place and waits until it serves
   * @param mock makes the mock; asked at once, when it is among the fallbacks
   * @param completions where asynchronous calls of the fallbacks end
   * @return the way of calls through all of them, to be closed before the pool
   */
  public static Cascade over(
      WorkerPool core,
      CallPath path,
      Supplier<WorkerPool> single,
      Supplier<MockPool> mock,
      Supplier<? extends Executor> completions) {
    Cascade cascade = new Cascade(core, path, single, mock, completions);
    core.control().services().servedBy(own -> cascade.steps.view(own));
    return cascade;
  }

  /**
   * Waits until a new pool serves, for {@code start-timeout} at most, or its calls would go to a
   * fallback.
   *
   * @return what answers now
   */
  public Service awaitStart() {
    long end = System.nanoTime() + core.config().startTimeout().toNanos();
    while (steps.current() == Service.POOL) {
      try {
        ping(core);
        break;
      } catch (PythonPoolException e) {
        if (closed || core.control().closed() || Thread.currentThread().isInterrupted()) {
          break; // Whoever waits here has changed his mind.
        }
        if (Unable.is(e) || System.nanoTime() - end >= 0) {
          fall(Service.POOL, e);
        }
      }
    }
    return core.service();
  }

  /** Asks a step with workers whether it serves. Throws what keeps it from that. */
  void ping(WorkerPool asked) {
    Duration patience = core.config().life().healthCheckTimeout();
    asked.function(PING).timeout(patience).checkoutTimeout(patience).retries(0).call();
  }

  // ---- down

  @Override
  public Object call(CallRequest request) {
    return answer(request, step -> {});
  }

  @Override
  public Object answer(CallRequest request, Consumer<Service> by) {
    try {
      return descend(request, by);
    } catch (PythonPoolException e) {
      return orFallback(request, e);
    }
  }

  Object orFallback(CallRequest request, PythonPoolException failure) {
    if (request.fallback() == null || !asksFallbacks()) {
      throw failure;
    }
    return request.fallback().apply(failure);
  }

  private Object descend(CallRequest request, Consumer<Service> by) {
    Descent descent = new Descent(this, request);
    Service step = now();
    while (true) {
      by.accept(step);
      try {
        Object value = run(step, descent);
        answered(step);
        return value;
      } catch (PythonPoolException e) {
        step = descent.after(step, e);
      }
    }
  }

  /** Where a call begins that comes now. A suspended pool refuses it, whoever would answer. */
  private Service now() {
    return core.control().suspendedSince() == null ? steps.current() : Service.POOL;
  }

  private Object run(Service step, Descent descent) {
    CallRequest request = descent.request();
    if (closed || step == Service.POOL) {
      return pool.call(request);
    }
    return step == Service.MOCK ? mock.path().call(request) : onSingle(request, descent);
  }

  private Object onSingle(CallRequest request, Descent descent) {
    Single.Use use = single.use();
    try {
      WorkerPool worker = use.worker().get(descent.patience(), TimeUnit.NANOSECONDS);
      Runnable over = elsewhere(request);
      try {
        return worker.call(descent.request());
      } finally {
        over.run();
      }
    } catch (ExecutionException e) {
      if (closed) {
        return pool.call(request);
      }
      throw Descent.unable(core.name(), e.getCause());
    } catch (TimeoutException e) {
      throw Descent.unable(core.name(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return core.call(request); // Which knows how to refuse an interrupted caller.
    } finally {
      done(use);
    }
  }

  /** A call has done with the single worker, which is not to outlast the pool's return. */
  void done(Single.Use use) {
    use.done();
    if (steps.current() != Service.POOL) {
      return;
    }
    boolean back = !steps.silent(); // While the call was on its way there.
    single.retireUnused(back);
    if (!back) {
      ascent.begin(); // One that is being started may serve later calls, until the pool does.
    }
  }

  /** A call of a session runs on the single worker; returns what is to be done when it is over. */
  Runnable elsewhere(CallRequest request) {
    String session = request.sessionId();
    if (session == null) {
      return () -> {};
    }
    core.sessions().beganElsewhere(session);
    return () -> core.sessions().endedElsewhere(session);
  }

  @Override
  public CompletableFuture<Object> callAsync(CallRequest request) {
    return answerAsync(request, step -> {});
  }

  @Override
  public CompletableFuture<Object> answerAsync(CallRequest request, Consumer<Service> by) {
    AsyncDescent descent = new AsyncDescent(this, request, by);
    descent.begin(now());
    return descent;
  }

  /** Runs a call on a step but the single worker, which must be started first. */
  CompletableFuture<Object> runAsync(Service step, CallRequest request) {
    return closed || step != Service.MOCK
        ? pool.callAsync(request)
        : mock.path().callAsync(request);
  }

  Single.Use single() {
    return single.use();
  }

  /** Does something later, unless it is closed before. */
  Future<?> later(long nanos, Runnable task) {
    try {
      return timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(null); // Whatever waits ends with the close.
    }
  }

  /** The limit of all that a call may take; zero: there is none. */
  Duration budget() {
    return core.config().resilience().timeoutBudget();
  }

  /** How long calls wait for a worker. */
  Duration patience() {
    return core.config().checkoutTimeout();
  }

  Executor completions() {
    return completions.get();
  }

  boolean isClosed() {
    return closed;
  }

  /** A step has answered a call. */
  void answered(Service step) {
    if (steps.answered(step)) {
      tell(Service.NONE, step, "");
      if (step == Service.POOL) {
        single.retireUnused(true);
      }
    }
  }

  @Override
  public String name() {
    return core.name();
  }

  @Override
  public Executor deliveries() {
    return pool.deliveries();
  }

  @Override
  public boolean asksFallbacks() {
    return pool.asksFallbacks();
  }

  /** A step cannot serve; returns the one to go on with, or null. */
  Service fall(Service from, PythonPoolException failure) {
    if (closed) {
      return null;
    }
    Steps.Fall fall = steps.fell(from, failure.getMessage());
    if (fall.changed()) {
      Service to = fall.to() == null ? Service.NONE : fall.to();
      tell(from, to, failure.getMessage());
    }
    if (fall.to() != null) {
      ascent.begin();
    }
    return fall.to();
  }

  // ---- up

  /** A step above serves again. */
  void rise(Service to) {
    Service from = steps.current();
    if (steps.rose(to)) {
      tell(from, to, "");
    }
  }

  private void tell(Service from, Service to, String reason) {
    core.control().services().changed(new ServiceEvent(core.name(), from, to, reason));
  }

  /** Ends the fallbacks; calls that come later meet the pool alone. */
  @Override
  public void close() {
    closed = true;
    timer.shutdownNow();
    single.close();
    if (mock != null) {
      mock.close();
    }
    awaitThreads();
  }

  /** A start or an end of the single worker that is under way has been interrupted, and ends. */
  private void awaitThreads() {
    try {
      if (!timer.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        LOG.log(Level.ERROR, "The threads for the fallbacks of {0} have not ended", core.name());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The exception within one that a future was ended with. */
  static Throwable plain(Throwable thrown) {
    return thrown instanceof CompletionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
  }
}
