// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Lets through a burst of notifications of one kind and then so many a second, so that a pool in a
 * crash loop cannot flood the servers and clients that listen. Counts the rest. Any thread may
 * call.
 */
final class NotificationThrottle {

  static final int BURST = 50;
  static final int PER_SECOND = 5;

  private final ReentrantLock lock = new ReentrantLock();
  private final LongSupplier nanoTime;
  private final AtomicLong suppressed = new AtomicLong();
  private double tokens = BURST;
  private long last;

  NotificationThrottle(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.last = nanoTime.getAsLong();
  }

  /** Whether one more may go out now; counts it when not. */
  boolean admits() {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      double seconds = (double) (now - last) / TimeUnit.SECONDS.toNanos(1);
      tokens = Math.min(BURST, tokens + seconds * PER_SECOND);
      last = now;
      if (tokens >= 1) {
        tokens--;
        return true;
      }
    } finally {
      lock.unlock();
    }
    suppressed.incrementAndGet();
    return false;
  }

  long suppressed() {
    return suppressed.get();
  }
}
