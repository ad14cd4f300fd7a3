// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A future that follows one call after another; cancelling it cancels the one that it follows. Any
 * thread.
 */
final class Relay<T> extends CompletableFuture<T> {

  private final AtomicReference<CompletableFuture<?>> followed = new AtomicReference<>();
  private final Runnable failed;

  /**
   * A future that follows nothing yet.
   *
   * @param failed is run when it fails, but not when it is cancelled
   */
  Relay(Runnable failed) {
    this.failed = failed;
  }

  /** Ends this future by a failure, unless it has ended. */
  void fail(Throwable failure) {
    if (completeExceptionally(Executions.shown(failure))) {
      failed.run();
    }
  }

  /**
   * Waits for a call; its failure is this future's.
   *
   * @param call the call
   * @param next gets its result and completes this future, or follows another call
   */
  <V> void follow(CompletableFuture<V> call, Consumer<? super V> next) {
    followed.set(call);
    if (isCancelled()) {
      call.cancel(true); // It may have been cancelled before the call was there to be cancelled.
      return;
    }
    CompletableFuture<V> unused =
        call.whenComplete(
            (value, failure) -> {
              if (failure != null) {
                fail(failure);
                return;
              }
              try {
                next.accept(value);
              } catch (RuntimeException | Error e) {
                fail(e);
              }
            });
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    CompletableFuture<?> call = followed.get();
    if (cancelled && call != null) {
      call.cancel(mayInterruptIfRunning);
    }
    return cancelled;
  }
}
