// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** The one way in which a lease ended. */
public enum Outcome {
  /** Python returned a value. */
  SUCCESS,
  /** Python raised, or refused the call; the worker is well. */
  PYTHON_ERROR,
  /** The worker died, or broke the protocol. */
  WORKER_FAILURE,
  /** The deadline passed. */
  TIMED_OUT,
  /** The caller gave up. */
  CANCELLED
}
