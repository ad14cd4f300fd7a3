// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.Service;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.CallRequest;
import org.serpentry.spi.Codec;

/** The way of calls to a script in place of Python. Any thread. */
final class MockPath implements CallPath, AutoCloseable {

  private final PoolConfig config;
  private final MockScript script;
  private final MockValues values;
  private final MockSessions sessions;
  private final Supplier<? extends Executor> completions;
  private final ScheduledThreadPoolExecutor timer;
  private final Set<MockRun> running = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  MockPath(
      PoolConfig config, MockScript script, Codec codec, Supplier<? extends Executor> completions) {
    this.config = config;
    this.script = script;
    this.values = new MockValues(codec);
    this.sessions = new MockSessions(Clock.systemUTC(), config.sessions().timeout());
    this.completions = completions;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "serpentry-" + config.name() + "-mock");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public Executor deliveries() {
    return completions.get();
  }

  @Override
  public Object call(CallRequest request) {
    MockRun run = new MockRun(this, request, Runnable::run);
    begin(run, Runnable::run);
    return run.await();
  }

  @Override
  public Object answer(CallRequest request, Consumer<Service> by) {
    by.accept(Service.MOCK);
    return call(request);
  }

  @Override
  public CompletableFuture<Object> answerAsync(CallRequest request, Consumer<Service> by) {
    by.accept(Service.MOCK);
    return callAsync(request);
  }

  @Override
  public CompletableFuture<Object> callAsync(CallRequest request) {
    Executor executor = completions.get();
    MockRun run = new MockRun(this, request, executor);
    begin(run, executor);
    return run;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the run itself is what ends
  private void begin(MockRun run, Executor executor) {
    running.add(run);
    run.whenComplete((value, failure) -> over(run));
    if (closed) {
      run.closeNow();
      return;
    }
    try {
      executor.execute(run::begin);
    } catch (RejectedExecutionException e) {
      run.begin();
    }
  }

  void over(MockRun run) {
    running.remove(run);
  }

  /** Has the script answer. */
  MockReply reply(CallRequest request, ErrorContext context) {
    MockValues.Arguments arguments = values.arguments(request, context);
    if (request.sessionId() == null) {
      return script.reply(call(request, arguments, new LinkedHashMap<>()));
    }
    MockSessions.State state = sessions.begin(request.sessionId());
    state.turn().lock();
    try {
      return script.reply(call(request, arguments, state.values()));
    } finally {
      state.turn().unlock();
    }
  }

  private MockCall call(
      CallRequest request, MockValues.Arguments arguments, java.util.Map<String, Object> state) {
    return new MockCall(
        request.target(),
        arguments.positional(),
        arguments.named(),
        request.sessionId(),
        state,
        limit(request));
  }

  /** How long a call may take. */
  Duration limit(CallRequest request) {
    Duration run = request.timeout() != null ? request.timeout() : config.operationTimeout();
    Duration budget =
        request.budget() != null ? request.budget() : config.resilience().timeoutBudget();
    return budget.isZero() || run.compareTo(budget) < 0 ? run : budget;
  }

  int retries(CallRequest request) {
    return request.retries() >= 0 ? request.retries() : config.maxRetries();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the run's own future is what ends
  void schedule(Duration delay, Runnable task) {
    try {
      timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      closeRunning();
    }
  }

  MockValues values() {
    return values;
  }

  MockSessions sessions() {
    return sessions;
  }

  PoolConfig config() {
    return config;
  }

  boolean isClosed() {
    return closed;
  }

  PythonPoolException closed() {
    return new PoolClosedException(
        ErrorContext.ofPool(config.name()), "it has been shut down with its application", null);
  }

  private void closeRunning() {
    Set.copyOf(running).forEach(MockRun::closeNow);
  }

  /** Ends all calls; those that come later are refused. */
  @Override
  public void close() {
    closed = true;
    timer.shutdownNow();
    closeRunning();
    sessions.clear();
  }
}
