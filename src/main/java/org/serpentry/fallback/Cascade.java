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
  private static final String PING = "serpentry:ping";

  private final WorkerPool core;
  private final CallPath pool;
  private final Supplier<? extends Executor> completions;
  private final ScheduledThreadPoolExecutor timer;
  private final Steps steps;
  private final Single single;
  private final MockPool mock;
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
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "serpentry-" + config.name() + "-fallback");
              thread.setDaemon(true);
              return thread;
            });
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.single = new Single(single, timer, hold, System::nanoTime);
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
        if (Unable.is(e) || System.nanoTime() - end >= 0) {
          fall(Service.POOL, e);
        }
      }
    }
    return core.service();
  }

  private void ping(WorkerPool asked) {
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
      return descend(plain(request), by);
    } catch (PythonPoolException e) {
      return orFallback(request, e);
    }
  }

  /** A request's own fallback answers when nothing else does: not within a step. */
  CallRequest plain(CallRequest request) {
    return request.fallback() == null
        ? request
        : request.withoutFallback(request.retries(), request.budget());
  }

  Object orFallback(CallRequest request, PythonPoolException failure) {
    if (request.fallback() == null || !asksFallbacks()) {
      throw failure;
    }
    return request.fallback().apply(failure);
  }

  private Object descend(CallRequest request, Consumer<Service> by) {
    Descent descent = new Descent(this);
    Service step = steps.current();
    while (true) {
      by.accept(step);
      try {
        Object value = run(step, request);
        steps.answered(step);
        return value;
      } catch (PythonPoolException e) {
        step = descent.after(step, e);
      }
    }
  }

  private Object run(Service step, CallRequest request) {
    return closed || step == Service.POOL
        ? pool.call(request)
        : step == Service.MOCK ? mock.path().call(request) : started(request).call(request);
  }

  /** The single worker, for a call that waits for it no longer than for a worker of the pool. */
  private WorkerPool started(CallRequest request) {
    Duration patience =
        request.checkoutTimeout() != null
            ? request.checkoutTimeout()
            : core.config().checkoutTimeout();
    try {
      return single.get().get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (closed) {
        return core;
      }
      throw Descent.unable(core.name(), e.getCause());
    } catch (TimeoutException e) {
      throw Descent.unable(core.name(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return core; // Which knows how to refuse an interrupted caller.
    }
  }

  @Override
  public CompletableFuture<Object> callAsync(CallRequest request) {
    return answerAsync(request, step -> {});
  }

  @Override
  public CompletableFuture<Object> answerAsync(CallRequest request, Consumer<Service> by) {
    AsyncDescent descent = new AsyncDescent(this, request, by);
    descent.begin(steps.current());
    return descent;
  }

  /** Runs a call on a step but the single worker, which must be started first. */
  CompletableFuture<Object> runAsync(Service step, CallRequest request) {
    return closed || step != Service.MOCK
        ? pool.callAsync(request)
        : mock.path().callAsync(request);
  }

  CompletableFuture<WorkerPool> single() {
    return single.get();
  }

  Executor completions() {
    return completions.get();
  }

  boolean isClosed() {
    return closed;
  }

  Steps steps() {
    return steps;
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
      if (fall.to() != null && from == Service.POOL) {
        probeLater();
      }
    }
    return fall.to();
  }

  // ---- up

  @SuppressWarnings("FutureReturnValueIgnored") // what it does is logged
  private void probeLater() {
    try {
      timer.schedule(this::probe, steps.hold().toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, "The cascade of the pool {0} is closed", core.name());
    }
  }

  private void probe() {
    Service now = steps.current();
    if (closed || now == Service.POOL) {
      return;
    }
    if (serves(core)) {
      rise(Service.POOL);
      single.end();
      return;
    }
    if (now == Service.MOCK && steps.allows(Service.SINGLE)) {
      trySingle();
    }
    probeLater();
  }

  private boolean serves(WorkerPool asked) {
    try {
      ping(asked);
      return true;
    } catch (PythonPoolException e) {
      LOG.log(Level.DEBUG, "A step of the cascade does not serve yet", e);
      return false;
    }
  }

  // The timer's one thread starts it: the answer comes there later, never while it waits here.
  @SuppressWarnings("FutureReturnValueIgnored") // what it does is logged
  private void trySingle() {
    single
        .get()
        .whenComplete(
            (worker, failure) -> {
              if (failure == null && serves(worker)) {
                rise(Service.SINGLE);
              }
            });
  }

  private void rise(Service to) {
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
    single.end();
    if (mock != null) {
      mock.close();
    }
  }

  /** The exception within one that a future was ended with. */
  static Throwable plain(Throwable thrown) {
    return thrown instanceof CompletionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
  }
}
