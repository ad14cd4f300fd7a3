// SPDX-License-Identifier: Apache-2.0
package org.serpentry.session;

import java.util.Map;
import org.serpentry.spi.SessionStore;

/**
 * The sessions of a pool at a moment, and since its start.
 *
 * @param mode how the pool treats them: none, hint or strict
 * @param open sessions that there are
 * @param bound those of them that have a worker
 * @param started sessions begun since the start
 * @param ended sessions ended by the application or an operator
 * @param expired sessions ended because nobody used them
 * @param hits calls that ran on their session's worker
 * @param misses calls that ran elsewhere, the first of each session included
 * @param moved sessions that have changed their worker
 * @param lost sessions that have lost what they kept on a worker
 * @param bySlot how many live on the worker of each slot
 * @param store the session store
 */
public record SessionStatistics(
    String mode,
    int open,
    int bound,
    long started,
    long ended,
    long expired,
    long hits,
    long misses,
    long moved,
    long lost,
    Map<Integer, Integer> bySlot,
    SessionStore.Statistics store) {

  /** Those of a pool that has never had a session. */
  public static final SessionStatistics NONE =
      new SessionStatistics(
          "none",
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          Map.of(),
          new SessionStore.Statistics(0, 0, 0, 0, 0, 0));
}
