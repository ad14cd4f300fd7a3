// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import org.serpentry.api.WorkerState;

/** A move that the table in {@link WorkerState} does not allow: a defect of the caller. */
public final class IllegalTransitionException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  IllegalTransitionException(WorkerState from, WorkerState to) {
    super("A worker cannot go from " + from + " to " + to);
  }
}
