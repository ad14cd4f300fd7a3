// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

/** A failure on this side, before it is known which pool and session it is about. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final DspyProblem problem;

  Refusal(DspyProblem problem, String text, Throwable cause) {
    super(text, cause);
    this.problem = problem;
  }

  DspyProblem problem() {
    return problem;
  }
}
