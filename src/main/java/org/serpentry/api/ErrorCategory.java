// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** The coarse kind of a failure, for handlers that treat many alike. */
public enum ErrorCategory {
  /** A limit of time ran out. */
  TIMEOUT,
  /** The pool has, or lets the caller have, nothing to serve the call with. */
  RESOURCE,
  /** A worker was lost, or the bytes between the two sides made no sense. */
  COMMUNICATION,
  /** The environment, the settings or this library itself. */
  SYSTEM,
  /** The Python code called, or how it was called. */
  PYTHON
}
