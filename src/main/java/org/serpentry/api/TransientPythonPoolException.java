// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * Wraps a transient failure, so that {@code retryOn} of MicroProfile Fault Tolerance, which takes
 * classes, can tell it from a lasting one. The facade unwraps it: callers see the wrapped one.
 */
public final class TransientPythonPoolException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  private final PythonPoolException failure;

  /**
   * Wraps.
   *
   * @param failure one that {@link PythonPoolException#isTransient() is transient}
   * @throws IllegalArgumentException when it is not
   */
  public TransientPythonPoolException(PythonPoolException failure) {
    super(failure.category(), failure.type(), context(failure), text(failure), failure);
    this.failure = failure;
  }

  /** The failure itself. */
  public PythonPoolException unwrap() {
    return failure;
  }

  private static ErrorContext context(PythonPoolException failure) {
    if (!failure.isTransient()) {
      throw new IllegalArgumentException("not transient: " + failure);
    }
    return new ErrorContext(
        failure.pool(),
        failure.workerId().orElse(null),
        failure.requestId().orElse(0),
        failure.sessionId().orElse(null),
        true,
        failure.context());
  }

  private static String text(PythonPoolException failure) {
    return "a failure that may be retried: " + failure.getClass().getSimpleName();
  }
}
