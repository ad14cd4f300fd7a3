// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonPoolException;

/**
 * A failure that concerns a program or the language model. The cause is what Python raised, with
 * its traceback, where a worker found it.
 */
public final class DspyException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  private final DspyProblem problem;
  private final String text;

  DspyException(DspyProblem problem, ErrorContext context, String text, Throwable cause) {
    super(problem.category(), problem.type(), context, text, cause);
    this.problem = problem;
    this.text = text;
  }

  /** What a worker raised as what it stands for; anything else as it is. */
  static PythonPoolException of(PythonPoolException failure) {
    if (!(failure instanceof PythonCallException raised)) {
      return failure;
    }
    DspyProblem problem = DspyProblem.of(raised.pythonType());
    if (problem == null) {
      return failure;
    }
    ErrorContext context =
        new ErrorContext(
            raised.pool(),
            raised.workerId().orElse(null),
            raised.requestId().orElse(0),
            raised.sessionId().orElse(null),
            raised.isTransient(),
            raised.context());
    return new DspyException(problem, context, raised.pythonMessage(), raised);
  }

  /** What it is. */
  public DspyProblem problem() {
    return problem;
  }

  /** The message without the pool's name: where the original had one, the original's. */
  public String text() {
    return text;
  }

  /**
   * How the language model's endpoint failed: {@code rate_limit}, {@code timeout}, {@code server},
   * {@code transport}, {@code auth} and DSPy's further codes.
   */
  public Optional<String> lmReason() {
    return fact("reason");
  }

  /** How long the endpoint asked to wait. */
  public Optional<Duration> retryAfter() {
    return fact("retryAfterSeconds")
        .map(seconds -> Duration.ofMillis(Math.round(Double.parseDouble(seconds) * 1000)));
  }

  private Optional<String> fact(String key) {
    Map<String, Object> facts = context();
    Object value = problem == DspyProblem.LM_FAILED ? facts.get(key) : null;
    return value == null || value.equals("null") ? Optional.empty() : Optional.of(value.toString());
  }
}
