// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

/** A request that ends before it reaches a pool. The message is for the log only. */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Problem problem;

  RefusedException(Problem problem, String message) {
    this(problem, message, null);
  }

  RefusedException(Problem problem, String message, Throwable cause) {
    super(message, cause);
    this.problem = problem;
  }

  Problem problem() {
    return problem;
  }
}
