// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.serpentry.pool.WorkerPool;

/**
 * The one worker that stands in for a pool: started when the first call wants it, ended when the
 * pool is back. A start that failed is not tried again before a time has passed. Any thread.
 */
final class Single {

  private final Supplier<WorkerPool> starter;
  private final Executor executor;
  private final Duration pause;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private CompletableFuture<WorkerPool> worker;
  private long begun;

  /**
   * Not started yet.
   *
   * @param starter starts it and waits until it serves
   * @param executor runs the starter and the end
   * @param pause between a start that failed and the next
   * @param nanoTime measures the pause
   */
  Single(Supplier<WorkerPool> starter, Executor executor, Duration pause, LongSupplier nanoTime) {
    this.starter = starter;
    this.executor = executor;
    this.pause = pause;
    this.nanoTime = nanoTime;
  }

  /** The worker, once it serves; ends in the failure when it does not. Not to be cancelled. */
  CompletableFuture<WorkerPool> get() {
    lock.lock();
    try {
      boolean again =
          worker == null
              || (worker.isCompletedExceptionally()
                  && nanoTime.getAsLong() - begun >= pause.toNanos());
      if (again) {
        begun = nanoTime.getAsLong();
        worker = new CompletableFuture<>();
        begin(worker);
      }
      return worker;
    } finally {
      lock.unlock();
    }
  }

  private void begin(CompletableFuture<WorkerPool> starting) {
    try {
      executor.execute(
          () -> {
            try {
              WorkerPool started = starter.get();
              if (!starting.complete(started)) {
                started.close(); // It is not wanted any more.
              }
            } catch (RuntimeException | Error e) {
              starting.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      starting.completeExceptionally(e);
    }
  }

  /**
   * Ends it; calls that run have the pool's {@code shutdown-timeout}. The next call starts anew.
   */
  void end() {
    CompletableFuture<WorkerPool> ending;
    lock.lock();
    try {
      ending = worker;
      worker = null;
    } finally {
      lock.unlock();
    }
    if (ending != null) {
      end(ending);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a failed start has left nothing to be ended
  private static void end(CompletableFuture<WorkerPool> ending) {
    boolean unfinished =
        ending.completeExceptionally(new IllegalStateException("it is not wanted any more"));
    if (!unfinished) {
      ending.thenAccept(WorkerPool::close);
    }
  }
}
