// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.util.ArrayList;
import java.util.List;

/**
 * The worker's process ended during the call. Transient when the call certainly did not start or is
 * declared idempotent.
 */
public final class WorkerCrashedException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  private final WorkerExit exit;
  private final ArrayList<String> lastOutput;

  /**
   * Reports.
   *
   * @param context where; its {@code retrySafe} says whether the call did not start
   * @param exit how the process ended
   * @param lastOutput the last lines that it printed, oldest first; may be empty
   */
  public WorkerCrashedException(ErrorContext context, WorkerExit exit, List<String> lastOutput) {
    super(
        ErrorCategory.COMMUNICATION,
        "worker_crashed",
        context.with("exit", exit.toString()),
        "the worker ended by "
            + exit
            + (context.retrySafe()
                ? "; the call may be repeated"
                : "; the call may have had effects")
            + LastOutput.quote(lastOutput),
        null);
    this.exit = exit;
    this.lastOutput = new ArrayList<>(lastOutput);
  }

  /** How the process ended. */
  public WorkerExit exit() {
    return exit;
  }

  /** The last lines that it printed, oldest first. */
  public List<String> lastOutput() {
    return List.copyOf(lastOutput);
  }
}
