// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.serpentry.pool.WorkerPool;

/**
 * The one worker that stands in for a pool: started when the first call wants it, ended when the
 * pool is back and the calls that have come to it are over. A start that failed is not tried again
 * before a time has passed. Any thread.
 */
final class Single {

  private final Supplier<WorkerPool> starter;
  private final Executor executor;
  private final Duration pause;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();

  // Under the lock. One that is to be ended leaves until somebody does it: the executor may not.
  private final Set<Stand> leaving = new HashSet<>();
  private Stand present;

  /** One start, and the worker that came of it. Its count is under the lock. */
  private static final class Stand {
    private final CompletableFuture<WorkerPool> worker = new CompletableFuture<>();
    private final long begun;
    private int uses;

    Stand(long begun) {
      this.begun = begun;
    }
  }

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

  /** What somebody has of the worker, who keeps it from ending until {@link #done}. */
  final class Use {
    private final Stand stand;
    private boolean over; // under the lock

    private Use(Stand stand) {
      this.stand = stand;
    }

    /** The worker, once it serves; ends in the failure when it does not. Not to be cancelled. */
    CompletableFuture<WorkerPool> worker() {
      return stand.worker;
    }

    /** Needs it no more. */
    void done() {
      lock.lock();
      try {
        if (over) {
          return;
        }
        over = true;
        if (--stand.uses > 0 || !leaving.contains(stand)) {
          return;
        }
      } finally {
        lock.unlock();
      }
      later(() -> end(stand));
    }
  }

  /** Uses it, and has it started unless it is. */
  Use use() {
    lock.lock();
    try {
      boolean again =
          present == null
              || (present.worker.isCompletedExceptionally()
                  && nanoTime.getAsLong() - present.begun >= pause.toNanos());
      if (again) {
        present = new Stand(nanoTime.getAsLong());
        begin(present);
      }
      present.uses++;
      return new Use(present);
    } finally {
      lock.unlock();
    }
  }

  private void begin(Stand stand) {
    try {
      executor.execute(
          () -> {
            try {
              WorkerPool started = starter.get();
              if (!stand.worker.complete(started)) {
                started.close(); // It is not wanted any more.
              }
            } catch (RuntimeException | Error e) {
              stand.worker.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      stand.worker.completeExceptionally(e);
    }
  }

  /** The next one who uses it has it started anew; this one ends once nobody uses it. */
  void retire() {
    Stand old;
    lock.lock();
    try {
      old = present;
      present = null;
      if (old == null) {
        return;
      }
      leaving.add(old);
      if (old.uses > 0) {
        return; // Its last user ends it.
      }
    } finally {
      lock.unlock();
    }
    later(() -> end(old));
  }

  /**
   * As {@link #retire}, if nobody uses it. A start that failed stays, since it forbids the next.
   *
   * @param starting whether also while it is being started
   */
  void retireUnused(boolean starting) {
    Stand old;
    lock.lock();
    try {
      old = present;
      if (!there() || old.uses > 0 || !(starting || old.worker.isDone())) {
        return;
      }
      present = null;
      leaving.add(old);
    } finally {
      lock.unlock();
    }
    later(() -> end(old));
  }

  private void end(Stand stand) {
    boolean left;
    lock.lock();
    try {
      left = leaving.remove(stand);
    } finally {
      lock.unlock();
    }
    if (left) {
      close(stand);
    }
  }

  /** Whether it serves or is being started. */
  boolean there() {
    lock.lock();
    try {
      return present != null && !present.worker.isCompletedExceptionally();
    } finally {
      lock.unlock();
    }
  }

  private void later(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      task.run(); // All of it ends: whoever is here sees to his part.
    }
  }

  /** Ends it now; calls that run have the pool's {@code shutdown-timeout}. */
  void close() {
    List<Stand> all;
    lock.lock();
    try {
      if (present != null) {
        leaving.add(present);
        present = null;
      }
      all = List.copyOf(leaving);
      leaving.clear();
    } finally {
      lock.unlock();
    }
    all.forEach(Single::close);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a failed start has left nothing to be ended
  private static void close(Stand stand) {
    boolean unfinished =
        stand.worker.completeExceptionally(new IllegalStateException("it is not wanted any more"));
    if (!unfinished) {
      stand.worker.thenAccept(WorkerPool::close);
    }
  }
}
