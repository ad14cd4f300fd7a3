// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import java.util.Locale;

/**
 * All that a remote client can be told has gone wrong: a stable type, a fixed title and a status.
 * Where a failure comes from a pool, the name is that of its {@code PythonPoolException.type()}.
 */
enum Problem {
  ARGUMENT_BINDING(400, "The arguments do not fit the function"),
  MALFORMED_JSON(400, "The body is not a JSON object or array of arguments"),
  BAD_REQUEST(400, "The request makes no sense"),
  UNAUTHENTICATED(401, "Credentials are needed"),
  FORBIDDEN(403, "The caller lacks the role for this"),
  /** Unknown, unlisted, not exposed and switched off look alike. */
  FUNCTION_NOT_EXPOSED(404, "There is no such function here"),
  METHOD_NOT_ALLOWED(405, "Functions are called by POST"),
  READ_ONLY(405, "This is only looked at, by GET"),
  NOT_ACCEPTABLE(406, "Results are application/json"),
  SESSION_LOST(409, "The session has lost what its worker kept"),
  SESSION_CONFLICT(409, "The session was changed elsewhere"),
  REQUEST_TOO_LARGE(413, "The request is too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "The body must be application/json"),
  PYTHON_ERROR(500, "The function failed"),
  IMPORT_FAILED(500, "The function's module could not be imported"),
  RESULT_BINDING(500, "The function's result could not be read"),
  RESULT_TOO_LARGE(500, "The function's result is too large"),
  SESSION_LIMIT(500, "A limit of sessions was reached"),
  CALL_CANCELLED(500, "The call was cancelled"),
  WORKER_CRASHED(500, "The worker ended during the call"),
  PROTOCOL_ERROR(500, "The worker could not be understood"),
  ENVIRONMENT(500, "The server's Python is not fit for use"),
  INTERNAL(500, "The server failed"),
  CHECKOUT_TIMEOUT(503, "No worker became free in time"),
  SESSION_BUSY(503, "The session is busy"),
  QUEUE_FULL(503, "Too many calls are waiting"),
  POOL_SUSPENDED(503, "The pool is suspended"),
  POOL_CLOSED(503, "The pool is closed"),
  POOL_FAILED(503, "The pool has failed"),
  CIRCUIT_OPEN(503, "The pool is recovering from repeated failures"),
  WORKER_START_FAILED(503, "No worker could be started"),
  NOT_RUNNING(503, "The pools do not run"),
  TOO_MANY_VIEWERS(503, "Too many look at the status page"),
  COMMAND_TIMEOUT(504, "The function did not answer in time");

  /** The media type of a description, RFC 9457. */
  static final String MEDIA_TYPE = "application/problem+json";

  private static final String PREFIX = "urn:serpentry:problem:";

  private final int status;
  private final String title;

  Problem(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The HTTP status. */
  int status() {
    return status;
  }

  /** A URN that clients may compare; never changes. */
  String type() {
    return PREFIX + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The description as JSON. Every part is fixed text but the id, so nothing of the failure itself
   * can get into it.
   *
   * @param status in place of the problem's own
   * @param correlationId under which the log tells the rest
   */
  String json(int status, String correlationId) {
    return """
        {"type":"%s","title":"%s","status":%d,"correlationId":"%s"}"""
        .formatted(type(), title, status, correlationId);
  }
}
