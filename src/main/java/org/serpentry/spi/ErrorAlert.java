// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

import java.time.Instant;

/**
 * Too many calls have failed of late, or too many circuits are open.
 *
 * @param pool the pool
 * @param kind which limit was passed
 * @param at when it was seen
 * @param calls how many calls ended within the window
 * @param failures how many of them failed
 * @param openCircuits how many circuits do not let all calls pass
 * @param text all that in words, for the log
 */
public record ErrorAlert(
    String pool, Kind kind, Instant at, long calls, long failures, int openCircuits, String text) {

  /** Which limit was passed. */
  public enum Kind {
    /** The rate of failed calls. */
    RATE,
    /** The number of open circuits. */
    CIRCUITS,
    /** None: an operator tries whether alerts arrive. */
    TEST
  }

  /**
   * The share of calls that failed.
   *
   * @return 0 to 1; 0 when there were no calls
   */
  public double rate() {
    return calls == 0 ? 0 : (double) failures / calls;
  }
}
