// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Where a worker stands in its life. The legal moves stand in one table at the end. */
public enum WorkerState {
  /** Its process is being started and has not shaken hands. */
  INITIALIZING,
  /** It waits for a call. */
  READY,
  /** It is leased: a call runs, or its place is being reclaimed from a call given up. */
  BUSY,
  /** It serves no calls until a probe succeeds. */
  DEGRADED,
  /** It has been told to end, or its process is known to have died. */
  TERMINATING,
  /** Its process has been reaped. */
  TERMINATED;

  private static final Map<WorkerState, Set<WorkerState>> MOVES = new EnumMap<>(WorkerState.class);

  static {
    MOVES.put(INITIALIZING, EnumSet.of(READY, TERMINATED));
    MOVES.put(READY, EnumSet.of(BUSY, DEGRADED, TERMINATING));
    MOVES.put(BUSY, EnumSet.of(READY, DEGRADED, TERMINATING));
    MOVES.put(DEGRADED, EnumSet.of(READY, TERMINATING));
    MOVES.put(TERMINATING, EnumSet.of(TERMINATED));
    MOVES.put(TERMINATED, EnumSet.noneOf(WorkerState.class));
  }

  /**
   * Whether a worker in this state may move to another.
   *
   * @param next the other state
   * @return whether the move is legal
   */
  public boolean mayBecome(WorkerState next) {
    return MOVES.get(this).contains(next);
  }
}
