// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import java.time.Duration;
import java.util.List;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.Service;
import org.serpentry.api.WorkerStartException;
import org.serpentry.pool.CallRequest;

/** The way of one call down the steps, within its one budget. For one thread at a time. */
final class Descent {

  /** More than there are steps: only a pool that comes and goes at once leads here. */
  private static final int MOST = 6;

  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final Cascade cascade;
  private final CallRequest request;
  private final boolean bounded;
  private final long end;
  private PythonPoolException first;
  private int count;

  /** Begins now. A request's own fallback answers when nothing else does: not within a step. */
  Descent(Cascade cascade, CallRequest request) {
    this.cascade = cascade;
    this.request =
        request.fallback() == null
            ? request
            : request.withoutFallback(request.retries(), request.budget());
    Duration budget = request.budget() != null ? request.budget() : cascade.budget();
    this.bounded = !budget.isZero();
    this.end = System.nanoTime() + nanos(budget);
  }

  private static long nanos(Duration duration) {
    return duration.compareTo(LONGEST) < 0 ? duration.toNanos() : LONGEST.toNanos();
  }

  private long left() {
    return end - System.nanoTime();
  }

  /** The request for the step that comes next. */
  CallRequest request() {
    return count == 0 || !bounded
        ? request
        : request.leaving(Duration.ofNanos(Math.max(1, left())));
  }

  /**
   * How long it waits for the single worker, in nanoseconds: no longer than for one of the pool.
   */
  long patience() {
    Duration asked =
        request.checkoutTimeout() != null ? request.checkoutTimeout() : cascade.patience();
    return bounded ? Math.min(nanos(asked), Math.max(0, left())) : nanos(asked);
  }

  /**
   * A step has failed.
   *
   * @return the next one
   * @throws PythonPoolException the failure that the caller gets when there is none: the first one,
   *     with the others as suppressed
   */
  Service after(Service step, PythonPoolException failure) {
    if (!Unable.is(failure)) {
      cascade.answered(step);
      throw failure;
    }
    if (first == null) {
      first = failure;
    } else if (first != failure) {
      first.addSuppressed(failure);
    }
    boolean late = bounded && left() <= 0;
    Service next = ++count < MOST && !late ? cascade.fall(step, failure) : null;
    if (next == null) {
      throw first;
    }
    return next;
  }

  /** A failure of the single worker's start, as one that leads to the next step. */
  static PythonPoolException unable(String pool, Throwable cause) {
    Throwable plain = Cascade.plain(cause);
    return plain instanceof PythonPoolException e && Unable.is(e)
        ? e
        : new WorkerStartException(
            ErrorContext.ofPool(pool).withRetrySafe(true),
            "the single worker in the pool's place could not be started: " + plain.getMessage(),
            List.of(),
            plain);
  }
}
