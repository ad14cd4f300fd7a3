// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

/**
 * One worker's time of service, from its handshake to its end: its limits and what the looks at it
 * have found. The reactor writes, anybody reads the resident memory.
 */
final class Tenure {

  private final WorkerLimits limits;
  private final long since;
  private long usedAt;
  private long servedThen;
  private volatile long rss;

  Tenure(WorkerLimits limits, long now) {
    this.limits = limits;
    this.since = now;
    this.usedAt = now;
  }

  WorkerLimits limits() {
    return limits;
  }

  long age(long now) {
    return now - since;
  }

  /** Its resident memory at the last look, in bytes; 0 before the first. */
  long rss() {
    return rss;
  }

  void rss(long bytes) {
    rss = bytes;
  }

  /** Notes at a look whether it is or has been in use, and returns for how long it has not been. */
  long unused(boolean busy, long served, long now) {
    if (busy || served != servedThen) {
      servedThen = served;
      usedAt = now;
    }
    return now - usedAt;
  }
}
