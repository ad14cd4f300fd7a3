// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.serpentry.spi.PoolListener.WorkerRef;

/** How many lines each worker has printed within the current second. Any thread may call. */
final class PrintRate {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /**
   * Lines of a worker that were not let through.
   *
   * @param worker which worker
   * @param lines how many
   */
  record Dropped(WorkerRef worker, long lines) {}

  private static final class Window {
    private final WorkerRef worker;
    private final long since;
    private int admitted;
    private long dropped;

    Window(WorkerRef worker, long since) {
      this.worker = worker;
      this.since = since;
    }
  }

  private volatile IntSupplier limit;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Long, Window> windows = new HashMap<>(); // under the lock

  /** Lets so many lines of each worker through in a second; zero: all. */
  PrintRate(int limit, LongSupplier nanoTime) {
    this.limit = () -> limit;
    this.nanoTime = nanoTime;
  }

  /** Asks for the limit from now on. */
  void limit(IntSupplier lines) {
    limit = lines;
  }

  /** Whether a line is let through, and whether it is the first that is not. */
  enum Verdict {
    ADMITTED,
    FIRST_DROPPED,
    DROPPED
  }

  /** Counts a line. */
  Verdict line(WorkerRef worker) {
    lock.lock();
    try {
      Window window =
          windows.computeIfAbsent(worker.worker(), id -> new Window(worker, nanoTime.getAsLong()));
      int most = limit.getAsInt();
      if (most == 0 || window.admitted < most) {
        window.admitted++;
        return Verdict.ADMITTED;
      }
      window.dropped++;
      return window.dropped == 1 ? Verdict.FIRST_DROPPED : Verdict.DROPPED;
    } finally {
      lock.unlock();
    }
  }

  /** What a worker lost in a second that is over, once; zero otherwise. */
  long droppedBefore(WorkerRef worker) {
    lock.lock();
    try {
      Window window = windows.get(worker.worker());
      if (window == null || nanoTime.getAsLong() - window.since < SECOND) {
        return 0;
      }
      windows.remove(worker.worker());
      return window.dropped;
    } finally {
      lock.unlock();
    }
  }

  /** What all workers lost in seconds that are over, once. */
  List<Dropped> droppedBefore() {
    List<Dropped> all = new ArrayList<>();
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      windows
          .values()
          .removeIf(
              window -> {
                boolean due = window.dropped > 0 && now - window.since >= SECOND;
                if (due) {
                  all.add(new Dropped(window.worker, window.dropped));
                }
                return due;
              });
    } finally {
      lock.unlock();
    }
    return all;
  }

  /** Forgets a worker that has ended; what it lost in its last second. */
  long forget(WorkerRef worker) {
    lock.lock();
    try {
      Window window = windows.remove(worker.worker());
      return window == null ? 0 : window.dropped;
    } finally {
      lock.unlock();
    }
  }
}
