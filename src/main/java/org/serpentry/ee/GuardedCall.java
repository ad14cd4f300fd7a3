// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.TransientPythonPoolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.CallRequest;
import org.serpentry.pool.WorkerPool;

/**
 * A call on its way through the guard. The core makes one attempt at a time and no fallback, since
 * both are the guard's. What may be tried again leaves the core wrapped, so that {@code retryOn},
 * which takes classes, knows it.
 *
 * <p>Used by the calling thread only.
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
  private final GuardSettings settings;
  private final CallRequest single;
  private final Function<? super PythonPoolException, ?> fallback;
  private final Repeats repeats;
  private int attempts;

  GuardedCall(WorkerPool core, GuardSettings settings, CallRequest request, Repeats repeats) {
    this.core = core;
    this.settings = settings;
    this.single = single(request);
    this.fallback = request.fallback();
    this.repeats = repeats;
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

  WorkerPool core() {
    return core;
  }

  CallRequest request() {
    return single;
  }

  GuardSettings settings() {
    return settings;
  }

  Object attempt() {
    int number = attempts++;
    if (number > 1) {
      pause(core.config(), number - 1); // The guard's own pauses do not grow, so it makes none.
    }
    try {
      return core.call(single);
    } catch (PythonPoolException e) {
      throw forGuard(e);
    }
  }

  /**
   * Pauses as the core does between attempts: not before the first further one, then ever longer.
   *
   * @param config the pool's
   * @param repeated how often the call has been repeated before
   */
  static void pause(PoolConfig config, int repeated) {
    long steps = Math.min(repeated, Math.max(0, config.maxRetries() - 1));
    if (steps > 0 && !config.retryDelay().isZero()) {
      LockSupport.parkNanos(config.retryDelay().multipliedBy(steps).toNanos());
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
