// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.serpentry.api.PythonPoolException;
import org.serpentry.ee.GuardedCall.Repeats;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.CallRequest;
import org.serpentry.pool.WorkerPool;

/**
 * The way of a call through the pool's guard to the core, and the facade that gives callers the
 * pool's own exceptions.
 *
 * <p>Attempts are never multiplied: the core makes one at a time. A call that says nothing is
 * repeated by the guard's {@code @Retry}, which an administrator can override. A call with a number
 * of its own ({@code retries(n)}) is repeated here, as often as it says, with the pool's {@code
 * retry-delay} between, and each attempt passes the guard as a call of its own, which
 * {@code @Retry} then leaves alone.
 *
 * <p>A call's own timeouts hold as long as they stay below the guard's {@code @Timeout}.
 */
final class GuardedPath implements CallPath {

  private final WorkerPool core;
  private final PoolGuard guard;
  private final CallerContexts contexts;

  GuardedPath(WorkerPool core, PoolGuard guard, CallerContexts contexts) {
    this.core = core;
    this.guard = guard;
    this.contexts = contexts;
  }

  @Override
  public Object call(CallRequest request) {
    for (int attempt = 0; ; attempt++) {
      GuardedCall call = new GuardedCall(core, request, repeats(request, attempt), null);
      try {
        return guard.call(call);
      } catch (PythonPoolException e) {
        PythonPoolException failure = GuardFailures.translate(call, e);
        if (attempt >= request.retries() || !GuardedCall.repeatable(failure)) {
          throw failure;
        }
        pause(core.config().retryDelay());
      } catch (RuntimeException e) {
        if (GuardFailures.isGuards(e)) {
          throw GuardFailures.translate(call, e);
        }
        throw e; // the fallback's own
      }
    }
  }

  private static Repeats repeats(CallRequest request, int attempt) {
    if (request.retries() < 0) {
      return Repeats.BY_GUARD;
    }
    return attempt < request.retries() ? Repeats.BY_FACADE : Repeats.NEVER;
  }

  private static void pause(Duration delay) {
    if (!delay.isZero()) {
      LockSupport.parkNanos(delay.toNanos());
    }
  }

  @Override
  public CompletableFuture<Object> callAsync(CallRequest request) {
    Async call = new Async(request, contexts.capture());
    call.attempt(0);
    return call;
  }

  /** The caller's future, and what leads to its end. */
  private final class Async extends CompletableFuture<Object> {
    private final CallRequest request;
    private final Executor completions;
    private volatile GuardedCall current;

    Async(CallRequest request, Executor completions) {
      this.request = request;
      this.completions = completions;
    }

    void attempt(int number) {
      GuardedCall call =
          new GuardedCall(core, request, repeats(request, number), contexts.application());
      current = call;
      if (isCancelled()) {
        return;
      }
      CompletionStage<Object> stage;
      try {
        stage = guard.callAsync(call);
      } catch (RuntimeException e) {
        stage = CompletableFuture.failedFuture(e);
      }
      stage.whenComplete((value, failure) -> ended(number, call, value, failure));
    }

    private void ended(int number, GuardedCall call, Object value, Throwable thrown) {
      // The guard's own timeout leaves the attempt running, and a fallback may hide it.
      call.cancel();
      if (thrown == null) {
        completions.execute(() -> complete(value));
        return;
      }
      Throwable failure = GuardFailures.visible(call, thrown);
      if (number < request.retries()
          && failure instanceof PythonPoolException e
          && GuardedCall.repeatable(e)) {
        CompletableFuture.delayedExecutor(
                core.config().retryDelay().toNanos(), TimeUnit.NANOSECONDS, contexts.application())
            .execute(() -> attempt(number + 1));
      } else {
        completions.execute(() -> completeExceptionally(failure));
      }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      GuardedCall call = current;
      if (cancelled && call != null) {
        call.cancel();
      }
      return cancelled;
    }
  }
}
