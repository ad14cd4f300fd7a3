// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.ThreadLocalRandom;
import org.serpentry.config.PoolConfig;

/** Delays between attempts: none at first, then doubling between the pool's bounds, with jitter. */
final class Backoff {

  private final long minimum;
  private final long maximum;
  private int attempts;

  Backoff(PoolConfig config) {
    this(config.restartBackoffMin().toMillis(), config.restartBackoffMax().toMillis());
  }

  Backoff(long minimum, long maximum) {
    this.minimum = minimum;
    this.maximum = maximum;
  }

  /** The delay before the next attempt, in milliseconds. */
  long nextMillis() {
    return millis(++attempts, minimum, maximum, ThreadLocalRandom.current().nextDouble());
  }

  /** Forgets the attempts so far: the last one went well. */
  void reset() {
    attempts = 0;
  }

  /** How many attempts have failed in a row. */
  int attempts() {
    return attempts;
  }

  /**
   * The delay after a number of failures in a row.
   *
   * @param failures none or one: no delay
   * @param minimum the delay after two
   * @param maximum the longest delay
   * @param random from 0 to 1: how much of a quarter is taken off
   */
  static long millis(int failures, long minimum, long maximum, double random) {
    if (failures <= 1) {
      return 0;
    }
    int doublings = Math.min(failures - 2, 30);
    long delay = minimum > maximum >> doublings ? maximum : minimum << doublings;
    return (long) (delay * (1 - random / 4));
  }
}
