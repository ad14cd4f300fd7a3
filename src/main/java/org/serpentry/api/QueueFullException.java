// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** As many calls wait as may wait; the call was refused at once and did not start. Transient. */
public final class QueueFullException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  private final PoolCounts counts;

  /**
   * Refuses.
   *
   * @param context where
   * @param capacity of the queue
   * @param counts of the pool
   */
  public QueueFullException(ErrorContext context, int capacity, PoolCounts counts) {
    super(
        ErrorCategory.RESOURCE,
        "queue_full",
        counts.addTo(context).with("capacity", capacity).withRetrySafe(true),
        "all workers are busy and the queue of "
            + capacity
            + " is full ("
            + counts
            + "); call less often, or raise max-size or queue-capacity",
        null);
    this.counts = counts;
  }

  /** The pool's counts at that moment. */
  public PoolCounts counts() {
    return counts;
  }
}
