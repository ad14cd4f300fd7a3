// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** In which way a worker has failed, or what workers come from. */
public enum FailureKind {
  /** Its process ended without having been asked to, after its handshake. */
  WORKER_EXITED,
  /** Its process ended, or could not be started, before its handshake. */
  START_FAILED,
  /** A checkout found it among the idle although it was not ready. */
  NOT_READY,
  /** It did not answer a probe in time, or answered it with an error. */
  PROBE_FAILED,
  /** A call on it met its deadline; the call is cancelled now. */
  CALL_TIMED_OUT,
  /** A call on it could not be cancelled. */
  CALL_STUCK,
  /** One of its several calls could not be cancelled; the others go on. */
  CALL_ABANDONED,
  /** It sent what is no reply. */
  MALFORMED_REPLY,
  /** Its connection ended while its process lives. */
  CONNECTION_LOST,
  /** Its reply could not be taken in, for example for want of memory. */
  REPLY_LOST,
  /** The pool's launcher ended or did not answer, and every worker with it. */
  LAUNCHER_LOST,
  /** The template that workers are forked from ended, did not answer or could not be made. */
  TEMPLATE_FAILED
}
