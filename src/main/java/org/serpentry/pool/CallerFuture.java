// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.CompletableFuture;

/**
 * A future in the hands of a call's caller. Its maker ends it by {@link #end} and {@link #endWith};
 * whoever else ends it, by cancelling, by {@code orTimeout} or by completing it, wants no answer
 * any more. Any thread may call anything.
 */
public abstract class CallerFuture extends CompletableFuture<Object> {

  /** For a subclass. */
  protected CallerFuture() {}

  /** The caller wants no answer any more. Called once, on the caller's thread; must not block. */
  protected abstract void abandoned();

  /**
   * Ends it with a result, unless it has ended.
   *
   * @param value the result
   */
  protected final void end(Object value) {
    super.complete(value);
  }

  /**
   * Ends it with a failure, unless it has ended.
   *
   * @param failure the failure
   */
  protected final void endWith(Throwable failure) {
    super.completeExceptionally(failure);
  }

  private boolean tell(boolean now) {
    if (now) {
      abandoned();
    }
    return now;
  }

  @Override
  public final boolean complete(Object value) {
    return tell(super.complete(value));
  }

  @Override
  public final boolean completeExceptionally(Throwable failure) {
    return tell(super.completeExceptionally(failure));
  }

  @Override
  public final boolean cancel(boolean mayInterruptIfRunning) {
    return tell(super.cancel(mayInterruptIfRunning));
  }
}
