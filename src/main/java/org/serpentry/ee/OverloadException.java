// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import org.serpentry.api.PythonPoolException;

/**
 * Carries a transient failure through the guard that tells of overload, so that it is retried but
 * does not open the circuit: a pool with much to do is not broken. The facade unwraps it.
 */
public final class OverloadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final PythonPoolException failure;

  OverloadException(PythonPoolException failure) {
    super(failure.getMessage(), failure, false, false);
    this.failure = failure;
  }

  PythonPoolException unwrap() {
    return failure;
  }
}
