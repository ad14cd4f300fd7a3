// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.util.List;

/**
 * How a worker's process ended, as the launcher reaped it.
 *
 * @param exitCode its exit status, or null when a signal ended it
 * @param signal the signal's name, or null
 * @param reason what the pool knows besides, or empty
 * @param tail the last lines of its output
 * @param dump its last stack dump, or empty
 * @param strays how many processes it left behind that had to be killed
 */
public record ExitReport(
    Integer exitCode, String signal, String reason, List<String> tail, String dump, int strays) {

  /**
   * Whether the process was seen to end, so that it certainly does nothing any more.
   *
   * @return false for {@link #unseen}
   */
  public boolean reaped() {
    return exitCode != null || signal != null;
  }

  /**
   * An end that nobody reaped, for example with the launcher itself.
   *
   * @param reason what happened
   * @return the exit
   */
  public static ExitReport unseen(String reason) {
    return new ExitReport(null, null, reason, List.of(), "", 0);
  }

  /**
   * The same end with what the pool knows of who caused it.
   *
   * @param knowledge in a few words
   * @return the report
   */
  public ExitReport because(String knowledge) {
    return new ExitReport(exitCode, signal, knowledge, tail, dump, strays);
  }

  /**
   * The end in a few words, for messages and the log.
   *
   * @return for example {@code exit code 1} or {@code signal SIGKILL (killed from outside)}
   */
  public String describe() {
    if (signal != null) {
      String named = signal.startsWith("SIG") ? "signal " + signal : signal;
      return reason.isEmpty() ? named : named + " (" + reason + ")";
    }
    return exitCode != null ? "exit code " + exitCode : reason;
  }

  /**
   * The end with the last lines of output, for messages about workers that do not start.
   *
   * @return one or several lines
   */
  public String explain() {
    return tail.isEmpty() ? describe() : describe() + "\n  " + String.join("\n  ", tail);
  }
}
