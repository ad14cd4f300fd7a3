// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Callers who come by a timetable and not when the call before has been answered: the time of a
 * call counts from when it was due, so that a call that waits for a late one before it is not left
 * out (coordinated omission). How late the system wakes an idle caller does not count. Used by one
 * thread.
 *
 * @param callers how many threads
 * @param perSecond how many calls are due in a second, by all threads together
 * @param millis for how long
 */
record OpenLoad(int callers, double perSecond, long millis) {

  private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Calls; gives the time of each call since it was due. */
  Histogram run(Subject subject) throws Exception {
    CyclicBarrier start = new CyclicBarrier(callers);
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    List<Histogram> histograms = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    long between = (long) (callers * 1e9 / perSecond);
    for (int caller = 0; caller < callers; caller++) {
      Histogram own = new Histogram(MAX_NANOS, 3);
      histograms.add(own);
      long offset = between * caller / callers;
      Thread thread =
          new Thread(() -> call(subject, own, start, offset, between), "bench-open-" + caller);
      thread.setUncaughtExceptionHandler((t, failure) -> failures.add(failure));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException("a caller failed", failures.get(0));
    }
    Histogram all = new Histogram(MAX_NANOS, 3);
    histograms.forEach(all::add);
    return all;
  }

  private void call(
      Subject subject, Histogram own, CyclicBarrier start, long offset, long between) {
    try {
      start.await();
      long begin = System.nanoTime() + offset;
      long end = begin + TimeUnit.MILLISECONDS.toNanos(millis);
      for (long due = begin; due - end < 0; due += between) {
        long from = await(due);
        subject.run();
        own.recordValue(Math.min(MAX_NANOS, System.nanoTime() - from));
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** When the call began to wait: when it was due, or when its idle thread had woken up for it. */
  private static long await(long due) {
    long now = System.nanoTime();
    if (due - now <= 0) {
      return due;
    }
    while (due - now > 0) {
      LockSupport.parkNanos(due - now);
      now = System.nanoTime();
    }
    return now;
  }
}
