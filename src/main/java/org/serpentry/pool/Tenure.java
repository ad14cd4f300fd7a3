// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

/**
 * One worker's time of service, from its handshake to its end: its limits and what the looks at it
 * have found. The reactor writes, anybody reads the resident memory.
 */
final class Tenure {

  private WorkerLimits limits;
  private final long since;
  private long usedAt;
  private long servedThen;
  private long callThen;
  private volatile long rss;

  Tenure(WorkerLimits limits, long now) {
    this.limits = limits;
    this.since = now;
    this.usedAt = now;
  }

  WorkerLimits limits() {
    return limits;
  }

  /** Gives it others: the pool's have changed. */
  void limits(WorkerLimits drawn) {
    limits = drawn;
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

  /**
   * Notes at a look whether it has been in use since the last one, and returns for how long it has
   * not been. A call that has just begun is no use yet, since it may be a probe; it is when it ends
   * or is still there at the next look.
   */
  long unused(long call, long served, long now) {
    if (served != servedThen || (call != 0 && call == callThen)) {
      usedAt = now;
    }
    servedThen = served;
    callThen = call;
    return now - usedAt;
  }
}
