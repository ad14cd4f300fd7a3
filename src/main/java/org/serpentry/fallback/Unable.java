// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import org.serpentry.api.CircuitOpenException;
import org.serpentry.api.EnvironmentException;
import org.serpentry.api.PoolFailedException;
import org.serpentry.api.WorkerStartException;

/** Tells failures of whoever cannot serve at all from all others. */
final class Unable {

  private Unable() {}

  /**
   * Whether no worker serves and none can be started, so that the call certainly did not run. A
   * circuit that is open for its callers' failures is no such thing; the crash breaker is.
   */
  static boolean is(Throwable failure) {
    return failure instanceof WorkerStartException
        || failure instanceof PoolFailedException
        || failure instanceof EnvironmentException
        || (failure instanceof CircuitOpenException
            && failure.getCause() instanceof WorkerStartException);
  }
}
