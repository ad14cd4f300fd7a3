// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.util.concurrent.atomic.AtomicLong;

/** How much shared memory may be in use, and how much is. Any thread may call. */
final class Budget {

  private final long limit;
  private final AtomicLong used = new AtomicLong();

  Budget(long limit) {
    this.limit = limit;
  }

  long limit() {
    return limit;
  }

  long used() {
    return used.get();
  }

  boolean take(long size) {
    long now = used.get();
    while (now + size <= limit) {
      if (used.compareAndSet(now, now + size)) {
        return true;
      }
      now = used.get();
    }
    return false;
  }

  /** Takes half of what is left, so that something is left for whoever comes next. */
  long takeHalf() {
    while (true) {
      long now = used.get();
      long half = Math.max(0, (limit - now) / 2);
      if (used.compareAndSet(now, now + half)) {
        return half;
      }
    }
  }

  /** Takes what cannot be refused any more. */
  void force(long size) {
    used.addAndGet(size);
  }

  void give(long size) {
    used.addAndGet(-size);
  }
}
