// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

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
  private final Patience patience;
  private int attempts;

  GuardedCall(
      WorkerPool core,
      GuardSettings settings,
      CallRequest request,
      Repeats repeats,
      Patience patience) {
    this.core = core;
    this.settings = settings;
    this.patience = patience;
    this.single = request.withoutFallback(0, request.budget());
    this.fallback = request.fallback();
    this.repeats = repeats;
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
    CallRequest now = single;
    if (attempts++ > 0) { // The guard's own pauses do not grow, so it makes none.
      now = patience.again(single);
    }
    try {
      return core.call(now);
    } catch (PythonPoolException e) {
      throw forGuard(e);
    }
  }

  private RuntimeException forGuard(PythonPoolException failure) {
    return repeats == Repeats.BY_GUARD && repeatable(failure) && patience.afterFailure(failure)
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
    boolean repeated =
        repeats == Repeats.BY_FACADE && repeatable(translated) && patience.afterFailure(translated);
    if (fallback == null || repeated) {
      throw translated;
    }
    return fallback.apply(translated);
  }
}
