// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

/** An operator suspended the pool; the call did not start. */
public final class PoolSuspendedException extends PythonPoolException {
  private static final long serialVersionUID = 1L;

  /** Refuses a call. */
  public PoolSuspendedException(ErrorContext context) {
    super(
        ErrorCategory.RESOURCE,
        "pool_suspended",
        context.withRetrySafe(false),
        "the pool is suspended and takes no calls until its resume operation is used",
        null);
  }
}
