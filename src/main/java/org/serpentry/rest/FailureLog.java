// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.serpentry.telemetry.SafeThrowable;

/** Tells the operator what the client is not told, under the id that the client got. */
final class FailureLog {
  private static final Logger LOG = System.getLogger("org.serpentry.rest");
  private static final int SERVER_ERRORS = 500;
  private static final int LONGEST_PATH = 200;

  private FailureLog() {}

  /**
   * Writes one record: a warning with its stack trace when the fault is on this side, else a line.
   * Nothing that the client or Python wrote can forge a further one.
   *
   * @param correlationId the client's
   * @param method of the request
   * @param path of the request in its percent-encoding, in which it has no line breaks
   * @param failure what the client is told
   * @param thrown what happened
   */
  static void write(
      String correlationId, String method, String path, Failure failure, Throwable thrown) {
    write(LOG, correlationId, method, path, failure, thrown);
  }

  static void write(
      Logger log,
      String correlationId,
      String method,
      String path,
      Failure failure,
      Throwable thrown) {
    String what =
        SafeThrowable.line(
            "REST %s: %s %s answered %d %s"
                .formatted(
                    correlationId, method, cut(path), failure.status(), failure.problem().type()));
    boolean refused = thrown instanceof RefusedException && thrown.getCause() == null;
    if (refused || failure.status() < SERVER_ERRORS) {
      log.log(Level.INFO, () -> what + ": " + SafeThrowable.line(reason(thrown)));
    } else {
      log.log(Level.WARNING, what, SafeThrowable.of(thrown));
    }
  }

  private static String reason(Throwable thrown) {
    String reason = thrown instanceof RefusedException ? thrown.getMessage() : thrown.toString();
    return thrown.getCause() == null ? reason : reason + " (" + thrown.getCause() + ")";
  }

  private static String cut(String path) {
    return path.length() <= LONGEST_PATH ? path : path.substring(0, LONGEST_PATH) + "…";
  }
}
