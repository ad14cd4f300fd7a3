// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.serpentry.config.PoolConfig;
import org.serpentry.spi.PoolListener.RecycleReason;

/**
 * One worker's own limits: the pool's, each lowered by its own random part of {@code
 * recycle-jitter} percent, so that workers that were born together do not go together. Zero: none.
 * Immutable.
 *
 * @param requests how many calls it may answer
 * @param ageNanos how old it may become
 * @param rss how much resident memory it may have, in bytes
 * @param idleNanos how long it may be of no use while the pool has more workers than it keeps
 */
record WorkerLimits(long requests, long ageNanos, long rss, long idleNanos) {

  /** Draws the limits of a worker that is born. */
  static WorkerLimits draw(PoolConfig config, RandomGenerator random) {
    int percent = config.life().recycleJitter();
    return new WorkerLimits(
        lowered(config.life().maxRequests(), percent, random),
        lowered(WorkerPool.nanos(config.life().maxAge()), percent, random),
        lowered(config.life().maxRss(), percent, random),
        lowered(WorkerPool.nanos(config.idleTimeout()), percent, random));
  }

  private static long lowered(long limit, int percent, RandomGenerator random) {
    double off = random.nextDouble() * percent / 100;
    return limit == 0 ? 0 : Math.max(1, limit - Math.round(limit * off));
  }

  /** Which limit, if any, a worker has reached; null when none. */
  RecycleReason reached(long served, long age, long resident) {
    if (requests > 0 && served >= requests) {
      return new RecycleReason("max-requests", Long.toString(requests), Long.toString(served));
    }
    if (rss > 0 && resident >= rss) {
      return new RecycleReason("max-rss", mebibytes(rss), mebibytes(resident));
    }
    if (ageNanos > 0 && age >= ageNanos) {
      return new RecycleReason("max-age", seconds(ageNanos), seconds(age));
    }
    return null;
  }

  /** The reason of a worker that has been of no use for so long. */
  RecycleReason unused(long nanos) {
    return new RecycleReason("idle-timeout", seconds(idleNanos), seconds(nanos));
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1fMiB", bytes / (double) (1 << 20));
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1fs", nanos / (double) Duration.ofSeconds(1).toNanos());
  }
}
