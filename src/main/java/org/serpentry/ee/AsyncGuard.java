// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.serpentry.api.PoolCounts;
import org.serpentry.api.PythonPoolException;
import org.serpentry.config.PoolConfig;
import org.serpentry.ee.CircuitBreaker.Verdict;
import org.serpentry.pool.CallRequest;

/**
 * The guard of a pool's asynchronous calls, the same on every server: a bulkhead, a circuit
 * breaker, a limit of time and the call's own fallback around the core's way, which has the
 * deadlines and the retries. It takes its settings from the keys that MicroProfile Fault Tolerance
 * would take them from. Any thread may call; nothing here blocks.
 */
final class AsyncGuard implements AutoCloseable {

  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** The core's asynchronous way. */
  interface Core {
    CompletableFuture<Object> callAsync(CallRequest request, Executor completions);
  }

  private final Core core;
  private final Supplier<PoolConfig> config;
  private final GuardSettings settings;
  private final Supplier<PoolCounts> counts;
  private final Supplier<Executor> completions;
  private final Executor rescue;
  private final ScheduledExecutorService timers;
  private final CircuitBreaker breaker;
  private final AtomicInteger callers = new AtomicInteger();
  private final Set<AsyncGuardedCall> pending = ConcurrentHashMap.newKeySet();

  /**
   * Makes the guard of one pool.
   *
   * @param core the core's way
   * @param config the pool's settings as they are now
   * @param settings the guard's settings
   * @param counts of the pool, for messages
   * @param completions gives the executor on which a call made now is to end
   * @param rescue where calls end that the former did not end
   * @param timers for the limit of time; may be shut down once the core is closed
   */
  AsyncGuard(
      Core core,
      Supplier<PoolConfig> config,
      GuardSettings settings,
      Supplier<PoolCounts> counts,
      Supplier<Executor> completions,
      Executor rescue,
      ScheduledExecutorService timers) {
    this.core = core;
    this.config = config;
    this.settings = settings;
    this.counts = counts;
    this.completions = completions;
    this.rescue = rescue;
    this.timers = timers;
    this.breaker =
        settings.breaker() == null
            ? null
            : new CircuitBreaker(settings.breaker(), System::nanoTime);
  }

  /**
   * Runs a call.
   *
   * @param request the call
   * @return always ends; cancelling it cancels the Python work
   */
  CompletableFuture<Object> callAsync(CallRequest request) {
    AsyncGuardedCall call = new AsyncGuardedCall(this, request, completions.get());
    call.start();
    return call;
  }

  /**
   * Lets a call pass.
   *
   * @return what to give to {@link #leave}
   * @throws PythonPoolException when it may not
   */
  long enter(CallRequest request) {
    if (AsyncLimit.exceeds(request, config.get(), settings.timeout())) {
      throw GuardFailures.asksForTooMuch(config.get(), request, settings.timeout(), "callAsync");
    }
    if (callers.incrementAndGet() > settings.callers()) {
      callers.decrementAndGet();
      throw GuardFailures.tooManyCallers(config.get(), request, settings.callers(), counts.get());
    }
    long admission = breaker == null ? 0 : breaker.admit();
    if (admission == CircuitBreaker.REFUSED) {
      callers.decrementAndGet();
      throw GuardFailures.circuitOpen(
          config.get(), request, breaker.retryAfter(), breaker.lastFailure());
    }
    return admission;
  }

  /** Takes the end of a call that {@link #enter} let pass; once for each. */
  void leave(long admission, Verdict verdict, Throwable failure) {
    callers.decrementAndGet();
    if (breaker != null) {
      breaker.ended(admission, verdict, failure == null ? null : failure.getMessage());
    }
  }

  /** The call as the core gets it: with its number of retries, and no fallback. */
  CallRequest forCore(CallRequest r) {
    return r.withoutFallback(retries(r), r.budget());
  }

  private int retries(CallRequest request) {
    return request.retries() >= 0 ? request.retries() : settings.maxRetries();
  }

  /** When to give a call up; null: never. */
  Duration limit(CallRequest request) {
    if (!settings.timeoutEnabled()) {
      return null;
    }
    return settings.timeout() != null ? settings.timeout() : AsyncLimit.of(request, config.get());
  }

  /** Takes a call whose future is to end. */
  void began(AsyncGuardedCall call) {
    pending.add(call);
  }

  /** Takes a call whose future has ended. */
  void over(AsyncGuardedCall call) {
    pending.remove(call);
  }

  /**
   * Ends what the closed core has told to the server's executor and that one has not passed on: it
   * drops what it has taken when the application ends. To be called once the core is closed.
   */
  @Override
  public void close() {
    long deadline = System.nanoTime() + CLOSE_NANOS;
    while (!pending.isEmpty() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
    for (AsyncGuardedCall call : pending) {
      call.refuse(GuardFailures.closed(config.get()));
    }
  }

  boolean fallbackEnabled() {
    return settings.fallbackEnabled();
  }

  Core core() {
    return core;
  }

  PoolConfig config() {
    return config.get();
  }

  /** Where a call made now is to end. */
  Executor completions() {
    return completions.get();
  }

  Executor rescue() {
    return rescue;
  }

  ScheduledExecutorService timers() {
    return timers;
  }
}
