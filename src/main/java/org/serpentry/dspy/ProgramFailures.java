// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import org.serpentry.api.ErrorContext;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonSession;

/**
 * What goes wrong on this side, with the original's messages.
 *
 * @param pool the pool's name
 * @param session the session whose programs are meant, or null
 */
record ProgramFailures(String pool, PythonSession session) {

  DspyException notFound(String id, boolean sessionHasPrograms) {
    if (session != null && !sessionHasPrograms) {
      return of(DspyProblem.SESSION_NOT_FOUND, "Session not found: " + session.id());
    }
    return of(
        DspyProblem.PROGRAM_NOT_FOUND,
        session == null
            ? "Program not found: " + id
            : "Program not found in session %s: %s".formatted(session.id(), id));
  }

  DspyException duplicate(String id) {
    return of(
        DspyProblem.DUPLICATE_PROGRAM,
        "Program with ID '%s' already exists%s"
            .formatted(id, session == null ? "" : " in session " + session.id()));
  }

  DspyException full() {
    return of(
        DspyProblem.TOO_MANY_PROGRAMS,
        "no further program can be kept: delete those that are not needed any more"
            + " (cleanup, cleanupSession)");
  }

  DspyException stateRefused() {
    return of(
        DspyProblem.STATE_REFUSED,
        "A program's state must be the JSON object that DSPy's save('….json') writes; everything"
            + " else is refused, and so is every pickle, which can run code when it is read");
  }

  DspyException of(DspyProblem problem, String text) {
    return new DspyException(problem, context(), text, null);
  }

  /** What a command ended in, as its caller is to see it. */
  PythonPoolException shown(RuntimeException failure) {
    return failure instanceof Refusal refusal
        ? new DspyException(refusal.problem(), context(), refusal.getMessage(), refusal)
        : DspyException.of((PythonPoolException) failure);
  }

  ErrorContext context() {
    return ErrorContext.ofPool(pool).withSession(session == null ? null : session.fullId());
  }
}
