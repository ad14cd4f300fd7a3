// SPDX-License-Identifier: Apache-2.0
package org.serpentry.health;

import org.serpentry.api.WorkerActivity;

/**
 * A process at a moment, as {@code /proc/<pid>/stat} shows it.
 *
 * @param state its state's letter, for example {@code S} for sleeping or {@code T} for stopped
 * @param ticks the processor time that all its threads have used, in the kernel's clock ticks
 */
record ProcessSample(char state, long ticks) {

  private static final int STATE = 0;
  private static final int UTIME = 11;
  private static final int STIME = 12;

  /**
   * Reads it from the file's text.
   *
   * @throws IllegalArgumentException when the text is not of that form
   */
  static ProcessSample of(String stat) {
    // The name before may hold spaces and parentheses.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    if (fields.length <= STIME || fields[STATE].length() != 1) {
      throw new IllegalArgumentException("not the form of /proc/<pid>/stat: " + stat);
    }
    return new ProcessSample(
        fields[STATE].charAt(0), Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]));
  }

  private boolean stopped() {
    return state == 'T' || state == 't';
  }

  /** What the process has done until a later look. */
  WorkerActivity until(ProcessSample later) {
    if (stopped() && later.stopped()) {
      return WorkerActivity.STOPPED;
    }
    // One that is runnable computes, even where others have had the processor meanwhile.
    return later.ticks > ticks || later.state == 'R'
        ? WorkerActivity.COMPUTING
        : WorkerActivity.WAITING;
  }
}
