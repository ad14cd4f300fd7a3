// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * The caller's future of an asynchronous call. The pool ends it on the caller's executor; a caller
 * that gives it up reaches Python. Any thread may call anything.
 */
final class CallFuture extends CallerFuture {

  private static final Logger LOG = System.getLogger(CallFuture.class.getName());

  private final Executor executor;
  private final Runnable onAbandoned;

  CallFuture(Executor executor, Runnable onAbandoned) {
    this.executor = executor;
    this.onAbandoned = onAbandoned;
  }

  /** Ends it with what the supplier returns or throws; the supplier runs on the executor. */
  void settle(Supplier<Object> result) {
    finish(
        () -> {
          try {
            end(result.get());
          } catch (RuntimeException | Error e) {
            endWith(e);
          }
        });
  }

  /** Ends it with a failure. */
  void refuse(Throwable failure) {
    finish(() -> endWith(failure));
  }

  private void finish(Runnable completion) {
    try {
      executor.execute(completion);
    } catch (RejectedExecutionException e) {
      // The executor is shutting down, and the caller must hear all the same.
      completion.run();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.WARNING, "An executor for the results of asynchronous calls failed", e);
      if (!isDone()) {
        completion.run();
      }
    }
  }

  @Override
  protected void abandoned() {
    onAbandoned.run();
  }
}
