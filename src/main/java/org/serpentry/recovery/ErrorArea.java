// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import org.serpentry.api.FailureKind;
import org.serpentry.api.PythonPoolException;

/** What part of the pool's work a failure belongs to; finer than its category. */
public enum ErrorArea {
  /** The launcher, the template, a worker or the environment did not come up. */
  INITIALIZATION,
  /** A worker was lost. */
  CONNECTION,
  /** What came over the wire made no sense. */
  COMMUNICATION,
  /** A limit of time ran out. */
  TIMEOUT,
  /** The pool had, or let the caller have, nothing to serve it with. */
  RESOURCE,
  /** A probe failed. */
  HEALTH_CHECK,
  /** A session. */
  SESSION,
  /** The Python code called, or how it was called. */
  PYTHON,
  /** This library, its settings or an unknown cause. */
  SYSTEM;

  /**
   * The area of a failure of a call or a pool.
   *
   * @param failure the failure
   * @return its area
   */
  public static ErrorArea of(PythonPoolException failure) {
    if (failure.type().startsWith("session_")) {
      return SESSION;
    }
    return switch (failure.type()) {
      case "worker_start_failed", "environment", "code_reload_failed" -> INITIALIZATION;
      case "worker_crashed" -> CONNECTION;
      default ->
          switch (failure.category()) {
            case TIMEOUT -> TIMEOUT;
            case RESOURCE -> RESOURCE;
            case COMMUNICATION -> COMMUNICATION;
            case PYTHON -> PYTHON;
            case SYSTEM -> SYSTEM;
          };
    };
  }

  /**
   * The area of a worker's failure.
   *
   * @param kind in which way it failed
   * @return its area
   */
  public static ErrorArea of(FailureKind kind) {
    return switch (kind) {
      case START_FAILED, LAUNCHER_LOST, TEMPLATE_FAILED -> INITIALIZATION;
      case WORKER_EXITED, CONNECTION_LOST -> CONNECTION;
      case MALFORMED_REPLY, REPLY_LOST -> COMMUNICATION;
      case CALL_TIMED_OUT, CALL_STUCK, CALL_ABANDONED -> TIMEOUT;
      case NOT_READY, PROBE_FAILED -> HEALTH_CHECK;
    };
  }
}
