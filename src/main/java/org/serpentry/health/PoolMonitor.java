// SPDX-License-Identifier: Apache-2.0
package org.serpentry.health;

import java.util.ArrayList;
import java.util.List;
import org.serpentry.api.BreakerState;
import org.serpentry.spi.PoolHealth;
import org.serpentry.spi.PoolHealth.Status;

/** Judges a pool as a whole, by what is known of it. A pure function. */
public final class PoolMonitor {

  /** Calls wait in such numbers, times the size, that the pool is behind. */
  private static final int BEHIND = 2;

  /**
   * What is known.
   *
   * @param pool its name
   * @param size how many workers it keeps
   * @param lazy whether it may have fewer without being the worse for it
   * @param serving workers that are ready or busy
   * @param degraded workers that serve nothing until a probe succeeds
   * @param waiting calls that wait for a worker
   * @param suspended whether an operator keeps calls out
   * @param fault why no worker can be started or the pool has failed, or empty
   * @param breaker the crash breaker
   * @param circuits names of the circuits that do not let all calls pass
   * @param failedPing how the last ping failed, or empty
   */
  public record Facts(
      String pool,
      int size,
      boolean lazy,
      int serving,
      int degraded,
      int waiting,
      boolean suspended,
      String fault,
      BreakerState breaker,
      List<String> circuits,
      String failedPing) {}

  private PoolMonitor() {}

  /**
   * Judges.
   *
   * @param facts what is known
   * @return the pool's health, with every reason against it
   */
  public static PoolHealth judge(Facts facts) {
    List<String> fatal = new ArrayList<>();
    if (!facts.fault().isEmpty()) {
      fatal.add(facts.fault());
    }
    if (facts.serving() == 0 && !facts.lazy()) {
      fatal.add("none of its %d workers serves".formatted(facts.size()));
    }
    if (!facts.failedPing().isEmpty()) {
      fatal.add("its last ping failed: " + facts.failedPing());
    }
    List<String> lesser = lesser(facts);
    Status status =
        !fatal.isEmpty() ? Status.UNHEALTHY : lesser.isEmpty() ? Status.HEALTHY : Status.DEGRADED;
    fatal.addAll(lesser);
    return new PoolHealth(facts.pool(), status, fatal);
  }

  private static List<String> lesser(Facts facts) {
    List<String> reasons = new ArrayList<>();
    if (facts.suspended()) {
      reasons.add("an operator has suspended it");
    }
    if (facts.serving() > 0 && facts.serving() < facts.size() && !facts.lazy()) {
      reasons.add("%d of its %d workers serve".formatted(facts.serving(), facts.size()));
    }
    if (facts.degraded() > 0) {
      reasons.add(facts.degraded() + " workers are degraded");
    }
    if (facts.breaker() != BreakerState.CLOSED) {
      reasons.add("the crash breaker is " + facts.breaker());
    }
    if (!facts.circuits().isEmpty()) {
      reasons.add("open circuits: " + String.join(", ", facts.circuits()));
    }
    if (facts.waiting() >= BEHIND * facts.size()) {
      reasons.add("%d calls wait, %d times its size or more".formatted(facts.waiting(), BEHIND));
    }
    return reasons;
  }
}
