// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.io.Serializable;

/**
 * How a process ended.
 *
 * @param exitCode its exit status, or -1 when a signal ended it or nobody knows
 * @param signal name of the signal that ended it, for example {@code SIGSEGV}, or empty
 */
public record WorkerExit(int exitCode, String signal) implements Serializable {
  /** It exited by itself. */
  public static WorkerExit ofCode(int exitCode) {
    return new WorkerExit(exitCode, "");
  }

  /** A signal ended it. */
  public static WorkerExit ofSignal(String signal) {
    return new WorkerExit(-1, signal);
  }

  /** It is gone and nobody can say how, for example because the launcher died with it. */
  public static WorkerExit unknown() {
    return new WorkerExit(-1, "");
  }

  @Override
  public String toString() {
    if (!signal.isEmpty()) {
      return "signal " + signal;
    }
    return exitCode < 0 ? "an unknown cause" : "exit code " + exitCode;
  }
}
