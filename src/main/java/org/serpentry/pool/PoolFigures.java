// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.serpentry.telemetry.Latency;

/**
 * What has been measured of a pool.
 *
 * @param lastMinute how long calls took that ended within the last minute, from the lease of a
 *     worker to its end
 * @param sinceStart the same since the start or the last reset
 * @param lastError the last call that failed for good and was not cancelled, or null
 * @param suspendedSince since when no calls are let in, or null
 * @param drained the slots that an operator keeps empty
 * @param started whether a worker has served once, or workers start with the first call
 * @param uptime since the pool was made
 * @param silence how long the control thread has not shown that it runs; over half a minute it is
 *     stuck
 */
public record PoolFigures(
    Latency lastMinute,
    Latency sinceStart,
    LastError lastError,
    Instant suspendedSince,
    Set<Integer> drained,
    boolean started,
    Duration uptime,
    Duration silence) {

  /**
   * A call that failed.
   *
   * @param at when
   * @param target its function
   * @param type the exception's simple name
   * @param text its message
   */
  public record LastError(Instant at, String target, String type, String text) {}
}
