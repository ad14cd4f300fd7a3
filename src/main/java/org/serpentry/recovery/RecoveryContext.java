// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import java.time.Duration;

/**
 * What a decision goes by of the pool.
 *
 * @param failureLimit failures in a row at which a worker is replaced; at least 1
 * @param degradedDelay the time to the next probe of a degraded worker
 * @param restartDelay the pause that the slot's restart control asks for before another worker is
 *     started
 */
public record RecoveryContext(int failureLimit, Duration degradedDelay, Duration restartDelay) {

  /** The time to the next probe of a degraded worker, unless idle ones are probed more often. */
  public static final Duration DEGRADED_DELAY = Duration.ofSeconds(5);
}
