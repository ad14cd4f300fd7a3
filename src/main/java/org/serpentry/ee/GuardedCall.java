// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.TransientPythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.pool.CallRequest;
import org.serpentry.pool.WorkerPool;

/**
 * A call on its way through the guard. The core makes one attempt at a time and no fallback, since
 * both are the guard's. What may be tried again leaves the core wrapped, so that {@code retryOn},
 * which takes classes, knows it.
 *
 * <p>Cancellation may come from any thread; everything else happens on the threads of the guard.
 */
public final class GuardedCall {

  /** Who repeats a failed attempt. */
  enum Repeats {
    /** The guard's {@code @Retry}; the call itself said nothing. */
    BY_GUARD,
    /** The facade, which counts the call's own number; another attempt would follow. */
    BY_FACADE,
    /** Nobody: the call's own number is used up. */
    NEVER
  }

  private final WorkerPool core;
  private final CallRequest single;
  private final Function<? super PythonPoolException, ?> fallback;
  private final Repeats repeats;
  private final Executor completions;
  private volatile CompletableFuture<Object> running;
  private volatile boolean cancelled;

  GuardedCall(WorkerPool core, CallRequest request, Repeats repeats, Executor completions) {
    this.core = core;
    this.single = single(request);
    this.fallback = request.fallback();
    this.repeats = repeats;
    this.completions = completions;
  }

  private static CallRequest single(CallRequest r) {
    return new CallRequest(
        r.target(),
        r.targetBytes(),
        r.positional(),
        r.named(),
        r.type(),
        r.timeout(),
        r.checkoutTimeout(),
        0,
        r.idempotent(),
        r.session(),
        r.traceparent(),
        null);
  }

  String pool() {
    return core.name();
  }

  WorkerPool core() {
    return core;
  }

  CallRequest request() {
    return single;
  }

  Object attempt() {
    try {
      return core.call(single);
    } catch (PythonPoolException e) {
      throw forGuard(e);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the stage beside it carries the end
  CompletionStage<Object> attemptAsync() {
    CompletableFuture<Object> attempt = core.callAsync(single, completions);
    running = attempt;
    if (cancelled) {
      attempt.cancel(true);
    }
    // Completed with the bare failure: breakers look at its class and do not unwrap.
    CompletableFuture<Object> stage = new CompletableFuture<>();
    attempt.whenComplete(
        (value, failure) -> {
          if (failure == null) {
            stage.complete(value);
          } else {
            stage.completeExceptionally(bare(failure));
          }
        });
    return stage;
  }

  private Throwable bare(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof PythonPoolException e ? forGuard(e) : cause;
  }

  /** Cancels the running attempt and every further one. */
  void cancel() {
    cancelled = true;
    CompletableFuture<Object> attempt = running;
    if (attempt != null) {
      attempt.cancel(true);
    }
  }

  private RuntimeException forGuard(PythonPoolException failure) {
    return repeats == Repeats.BY_GUARD && repeatable(failure)
        ? new TransientPythonPoolException(failure)
        : failure;
  }

  /** As the core: a lost worker is worth another attempt, a full pool would only get fuller. */
  static boolean repeatable(PythonPoolException failure) {
    return failure instanceof WorkerCrashedException && failure.isTransient();
  }

  /** The call's own fallback; throws the failure when it has none, or another attempt follows. */
  Object answer(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    PythonPoolException translated = GuardFailures.translate(this, failure);
    boolean repeated = repeats == Repeats.BY_FACADE && repeatable(translated);
    if (fallback == null || repeated) {
      throw translated;
    }
    return fallback.apply(translated);
  }
}
