// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.io.Serializable;

/**
 * Counts of a pool at one moment. They are read one after the other, so busy and idle need not add
 * up to the total.
 *
 * @param total workers
 * @param busy workers that run a call
 * @param idle workers that are ready for one
 * @param waiting calls in the queue
 */
public record PoolCounts(int total, int busy, int idle, int waiting) implements Serializable {
  ErrorContext addTo(ErrorContext context) {
    return context
        .with("total", total)
        .with("busy", busy)
        .with("idle", idle)
        .with("waiting", waiting);
  }

  @Override
  public String toString() {
    return total + " workers: " + busy + " busy, " + idle + " idle; " + waiting + " calls waiting";
  }
}
