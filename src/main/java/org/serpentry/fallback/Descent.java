// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import java.util.List;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.Service;
import org.serpentry.api.WorkerStartException;

/** The way of one call down the steps. For one thread at a time. */
final class Descent {

  /** More than there are steps: only a pool that comes and goes at once leads here. */
  private static final int MOST = 6;

  private final Cascade cascade;
  private PythonPoolException first;
  private int count;

  Descent(Cascade cascade) {
    this.cascade = cascade;
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
      cascade.steps().answered(step);
      throw failure;
    }
    if (first == null) {
      first = failure;
    } else if (first != failure) {
      first.addSuppressed(failure);
    }
    Service next = ++count < MOST ? cascade.fall(step, failure) : null;
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
