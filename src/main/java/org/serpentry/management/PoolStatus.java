// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

/** How a pool is, in one word. */
public enum PoolStatus {
  /** Every worker serves. */
  OK,
  /** Fewer workers serve than should. */
  DEGRADED,
  /** Calls wait and every worker that the pool may have is busy. */
  EXHAUSTED,
  /** An operator lets no calls in. */
  SUSPENDED,
  /** No worker can be started. */
  FAILED,
  /** It has ended. */
  CLOSED
}
