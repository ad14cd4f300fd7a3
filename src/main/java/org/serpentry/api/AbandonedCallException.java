// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/**
 * A call whose answer nobody waits for any more, while Python may still run it. The caller is freed
 * at once; what becomes of the call in Python shows later.
 *
 * <p>Thread-safe: the pool's control thread adds what it learns, any thread reads.
 */
public abstract sealed class AbandonedCallException extends PythonPoolException
    permits CallTimeoutException, CallCancelledException {
  private static final long serialVersionUID = 1L;

  private volatile String stackDump;

  AbandonedCallException(
      ErrorCategory category,
      String type,
      ErrorContext context,
      String text,
      Throwable cause,
      String stackDump) {
    super(category, type, context, text, cause);
    this.stackDump = stackDump;
  }

  /**
   * The stacks of all threads of the worker, taken when the call had not ended within {@code
   * cancel-grace} after its cancellation: so it comes that much later than the exception, and never
   * when the call ended before. The log has it too.
   *
   * @return the dump, empty when there is none (yet)
   */
  public final String stackDump() {
    return stackDump;
  }

  /**
   * Adds the dump. For the pool.
   *
   * @param stacks what Python's {@code faulthandler} wrote
   */
  public final void dumped(String stacks) {
    stackDump = stacks;
  }
}
