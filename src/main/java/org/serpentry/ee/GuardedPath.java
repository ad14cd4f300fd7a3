// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.serpentry.api.PythonPoolException;
import org.serpentry.ee.GuardedCall.Repeats;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.CallRequest;
import org.serpentry.pool.WorkerPool;
import org.serpentry.recovery.RetryDelays;

/**
 * The way of a call through the pool's guard to the core, and the facade that gives callers the
 * pool's own exceptions. Asynchronous calls have a guard of their own, {@link AsyncGuard}.
 *
 * <p>Attempts are never multiplied: the core makes one at a time. A call that says nothing is
 * repeated by the guard's {@code @Retry}, which an administrator can override. A call with a number
 * of its own ({@code retries(n)}) is repeated here, as often as it says, and each attempt passes
 * the guard as a call of its own, which {@code @Retry} then leaves alone. The pauses are the core's
 * in both cases.
 *
 * <p>A call's own timeouts may be longer than the pool's. Where the guard has a {@code @Timeout},
 * it must leave room for them; a call that asks for more is refused.
 */
final class GuardedPath implements CallPath {

  private final WorkerPool core;
  private final PoolGuard guard;
  private final GuardSettings settings;
  private final AsyncGuard async;
  private final RetryDelays delays;

  /**
   * Makes the way.
   *
   * @param core where it leads
   * @param guard of synchronous calls
   * @param settings of that guard
   * @param async the guard of asynchronous calls
   */
  GuardedPath(WorkerPool core, PoolGuard guard, GuardSettings settings, AsyncGuard async) {
    this.core = core;
    this.guard = guard;
    this.settings = settings;
    this.async = async;
    this.delays = RetryDelays.of(core.config());
  }

  @Override
  public String name() {
    return core.name();
  }

  @Override
  public Executor deliveries() {
    return async.completions();
  }

  @Override
  public boolean asksFallbacks() {
    return settings.fallbackEnabled() && async.fallbackEnabled();
  }

  @Override
  public Object call(CallRequest request) {
    if (AsyncLimit.exceeds(request, core.config(), settings.timeout())) {
      throw GuardFailures.asksForTooMuch(core.config(), request, settings.timeout(), "call");
    }
    Patience patience = new Patience(request, core.config(), delays, System::nanoTime);
    CallRequest next = request;
    for (int attempt = 0; ; attempt++) {
      GuardedCall call = new GuardedCall(core, settings, next, repeats(request, attempt), patience);
      try {
        return guard.call(call);
      } catch (PythonPoolException e) {
        PythonPoolException failure = GuardFailures.translate(call, e);
        if (attempt >= request.retries()
            || !GuardedCall.repeatable(failure)
            || !patience.afterFailure(failure)) {
          throw failure;
        }
        next = patience.again(request);
      } catch (RuntimeException e) {
        if (GuardFailures.isGuards(e, settings)) {
          throw GuardFailures.translate(call, e);
        }
        throw e; // the fallback's own
      } catch (Exception e) {
        // WildFly's interceptors throw InterruptedException although nothing declares it.
        throw undeclared(call, e);
      }
    }
  }

  private static PythonPoolException undeclared(GuardedCall call, Exception thrown) {
    if (thrown instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return GuardFailures.translate(call, thrown);
  }

  private static Repeats repeats(CallRequest request, int attempt) {
    if (request.retries() < 0) {
      return Repeats.BY_GUARD;
    }
    return attempt < request.retries() ? Repeats.BY_FACADE : Repeats.NEVER;
  }

  @Override
  public CompletableFuture<Object> callAsync(CallRequest request) {
    return async.callAsync(request);
  }
}
