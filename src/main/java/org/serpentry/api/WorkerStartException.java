// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.util.ArrayList;
import java.util.List;

/** The launcher, the template or a worker could not be started, or not in time. */
public final class WorkerStartException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  private final ArrayList<String> lastOutput;

  /**
   * Reports.
   *
   * @param context where
   * @param text what failed and what to do
   * @param lastOutput the last lines printed by what failed, oldest first; may be empty
   * @param cause for example the error of an import, or null
   */
  public WorkerStartException(
      ErrorContext context, String text, List<String> lastOutput, Throwable cause) {
    super(
        ErrorCategory.SYSTEM,
        "worker_start_failed",
        context,
        text + LastOutput.quote(lastOutput),
        cause);
    this.lastOutput = new ArrayList<>(lastOutput);
  }

  /** The last lines printed by what failed, oldest first. */
  public List<String> lastOutput() {
    return List.copyOf(lastOutput);
  }
}
