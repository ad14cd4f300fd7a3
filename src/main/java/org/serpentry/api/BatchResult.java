// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * How one call of a batch ended. Exactly one of value and failure means something.
 *
 * @param target the function called
 * @param value what it returned; null also when it returned {@code None} or failed
 * @param failure why there is no value, or null
 * @param <T> the type of the value
 */
public record BatchResult<T>(String target, T value, PythonPoolException failure) {

  /**
   * Whether there is a value.
   *
   * @return whether the call ended well
   */
  public boolean succeeded() {
    return failure == null;
  }

  /**
   * The value.
   *
   * @return the value
   * @throws PythonPoolException the failure, when there is one
   */
  public T orThrow() {
    if (failure != null) {
      throw failure;
    }
    return value;
  }
}
