// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.time.Duration;

/** No worker became free in time; the call did not start, so that it is always transient. */
public final class CheckoutTimeoutException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  private final PoolCounts counts;

  /**
   * Reports the counts at the moment of giving up.
   *
   * @param context where
   * @param waited how long the call waited
   * @param counts of the pool
   */
  public CheckoutTimeoutException(ErrorContext context, Duration waited, PoolCounts counts) {
    super(
        ErrorCategory.TIMEOUT,
        "checkout_timeout",
        counts.addTo(context).withRetrySafe(true),
        "no worker became free within "
            + waited.toMillis()
            + " ms ("
            + counts
            + "); raise max-size or checkout-timeout, or look for stuck calls",
        null);
    this.counts = counts;
  }

  /** The pool's counts at that moment; their sum may differ from the total. */
  public PoolCounts counts() {
    return counts;
  }
}
