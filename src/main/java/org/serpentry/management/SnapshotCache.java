// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.PoolSnapshot.SlotView;

/**
 * Takes one snapshot for all attributes that a console reads in one go. Any thread calls; two that
 * come together may both take one.
 */
final class SnapshotCache {

  static final long LIFE_MILLIS = 100;

  private final Supplier<PoolSnapshot> source;
  private final LongSupplier nanoTime;
  private volatile Taken last;

  SnapshotCache(Supplier<PoolSnapshot> source, LongSupplier nanoTime) {
    this.source = source;
    this.nanoTime = nanoTime;
  }

  /** A snapshot that is at most {@value #LIFE_MILLIS} ms old. */
  PoolSnapshot get() {
    Taken taken = last;
    long now = nanoTime.getAsLong();
    if (taken == null || now - taken.at() > TimeUnit.MILLISECONDS.toNanos(LIFE_MILLIS)) {
      taken = new Taken(source.get(), now);
      last = taken;
    }
    return taken.snapshot();
  }

  /** A slot, or null when there is none of that number. */
  SlotView slot(int number) {
    for (SlotView view : get().workers()) {
      if (view.slot() == number) {
        return view;
      }
    }
    return null;
  }

  /** Forgets it, so that whoever changed the pool sees the change. */
  void invalidate() {
    last = null;
  }

  private record Taken(PoolSnapshot snapshot, long at) {}
}
