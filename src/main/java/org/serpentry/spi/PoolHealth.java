// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

import java.util.ArrayList;
import java.util.List;

/**
 * How a pool is as a whole.
 *
 * @param pool the pool
 * @param status in one word
 * @param reasons why it is not healthy, the worst first; empty when it is
 */
public record PoolHealth(String pool, Status status, List<String> reasons) {

  /** A pool's health in one word. */
  public enum Status {
    /** It serves as it should. */
    HEALTHY,
    /** It serves, with less than it should have or not every function. */
    DEGRADED,
    /** It does not serve. */
    UNHEALTHY
  }

  /** Copies the reasons. */
  public PoolHealth {
    reasons = List.copyOf(reasons);
  }

  /**
   * The same pool while something else answers in its place.
   *
   * @param what what answers, and why
   * @return degraded, for this reason and those there were
   */
  public PoolHealth servedInPlace(String what) {
    List<String> all = new ArrayList<>(reasons);
    all.add(0, what);
    return new PoolHealth(pool, Status.DEGRADED, all);
  }

  @Override
  public String toString() {
    return reasons.isEmpty() ? status.name() : status + ": " + String.join("; ", reasons);
  }
}
