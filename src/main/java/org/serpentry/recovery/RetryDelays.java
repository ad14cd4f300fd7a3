// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.ResilienceConfig;
import org.serpentry.config.RetryBackoff;

/**
 * The pauses between the attempts of a call, each computed from its number and the pause before it.
 * Immutable and safe for use by any thread, as far as its source of chance is.
 */
public final class RetryDelays {

  /** Beyond these the cap has long been reached, and the numbers would overflow. */
  private static final int MOST_DOUBLINGS = 40;

  private static final double SPREAD = 3;
  private static final Duration YEAR = Duration.ofDays(365);

  private final RetryBackoff backoff;
  private final double base;
  private final double cap;
  private final double jitter;
  private final List<Duration> listed;

  /**
   * Pauses of one kind.
   *
   * @param backoff how they grow
   * @param base what they are made of, zero or more; zero: there are none
   * @param cap the longest
   * @param jitterPercent by how much each is lengthened or shortened at most, 0 to 100
   * @param listed those of {@link RetryBackoff#CUSTOM}; empty: the base each time
   */
  public RetryDelays(
      RetryBackoff backoff, Duration base, Duration cap, int jitterPercent, List<Duration> listed) {
    this.backoff = backoff;
    this.base = nanos(base);
    this.cap = nanos(cap);
    this.jitter = jitterPercent / 100.0;
    this.listed = List.copyOf(listed);
  }

  /**
   * Those of a pool.
   *
   * @param config its settings
   * @return its pauses
   */
  public static RetryDelays of(PoolConfig config) {
    ResilienceConfig own = config.resilience();
    return new RetryDelays(
        own.retryBackoff(),
        config.retryDelay(),
        own.retryDelayMax(),
        own.retryJitter(),
        own.retryDelays());
  }

  private static double nanos(Duration duration) {
    return duration.compareTo(YEAR) < 0 ? (double) duration.toNanos() : (double) YEAR.toNanos();
  }

  /**
   * The pause before a further attempt.
   *
   * @param attempt the number of the further attempt, from 1
   * @param before the pause before it, in nanoseconds; 0 when there was none
   * @param random a source of chance
   * @return the pause in nanoseconds, zero or more; never more than the cap, jitter included
   */
  public long nanos(int attempt, long before, RandomGenerator random) {
    if (backoff == RetryBackoff.DECORRELATED_JITTER) {
      double most = Math.max(base, SPREAD * Math.min(Math.max((double) before, base), cap));
      return (long) Math.min(cap, base + random.nextDouble() * (most - base));
    }
    double plain = Math.min(cap, plain(attempt));
    if (backoff == RetryBackoff.IMMEDIATE || jitter == 0) {
      return (long) plain;
    }
    return (long) Math.min(cap, plain * (1 + jitter * (2 * random.nextDouble() - 1)));
  }

  private double plain(int attempt) {
    return switch (backoff) {
      case IMMEDIATE -> base * (attempt - 1.0);
      case LINEAR -> base * attempt;
      case EXPONENTIAL -> base * Math.pow(2, Math.min(attempt - 1, MOST_DOUBLINGS));
      case FIBONACCI -> base * fibonacci(attempt);
      default -> listed.isEmpty() ? base : nanos(listed.get(Math.min(attempt, listed.size()) - 1));
    };
  }

  private static double fibonacci(int n) {
    double last = 0;
    double sum = 1;
    for (int i = 1; i < Math.min(n, 2 * MOST_DOUBLINGS); i++) {
      double next = last + sum;
      last = sum;
      sum = next;
    }
    return sum;
  }

  /**
   * The longest that one of a number of pauses can take.
   *
   * @param attempts how many further attempts
   * @return the longest at the worst
   */
  public Duration longest(int attempts) {
    Duration longest = Duration.ZERO;
    for (int attempt = 1; attempt <= attempts; attempt++) {
      Duration one = most(attempt).minus(most(attempt - 1));
      longest = one.compareTo(longest) > 0 ? one : longest;
    }
    return longest;
  }

  /**
   * The longest that a number of pauses can take together.
   *
   * @param attempts how many further attempts
   * @return the sum at the worst
   */
  public Duration most(int attempts) {
    double sum = 0;
    for (int attempt = 1; attempt <= attempts; attempt++) {
      boolean drawn = backoff == RetryBackoff.DECORRELATED_JITTER;
      double spread = backoff == RetryBackoff.IMMEDIATE ? 1 : 1 + jitter;
      sum += drawn ? cap : Math.min(cap, plain(attempt) * spread);
    }
    return Duration.ofNanos((long) sum);
  }
}
