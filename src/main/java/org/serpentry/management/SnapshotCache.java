// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.serpentry.pool.PoolFigures;
import org.serpentry.pool.PoolOperator;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.PoolSnapshot.SlotView;
import org.serpentry.pool.WorkerPool;

/**
 * Takes one snapshot for all attributes that a console reads in one go. Any thread calls; two that
 * come together may both take one.
 */
final class SnapshotCache {

  static final long LIFE_MILLIS = 100;

  private final Supplier<PoolSnapshot> source;
  private final Supplier<PoolFigures> figures;
  private final Supplier<List<PoolOperator.Running>> running;
  private final LongSupplier nanoTime;
  private volatile Taken last;

  SnapshotCache(
      Supplier<PoolSnapshot> source,
      Supplier<PoolFigures> figures,
      Supplier<List<PoolOperator.Running>> running,
      LongSupplier nanoTime) {
    this.source = source;
    this.figures = figures;
    this.running = running;
    this.nanoTime = nanoTime;
  }

  static SnapshotCache of(WorkerPool pool) {
    return new SnapshotCache(
        pool.control()::snapshot,
        pool.operator()::figures,
        pool.operator()::running,
        System::nanoTime);
  }

  /** A snapshot that is at most {@value #LIFE_MILLIS} ms old. */
  PoolSnapshot get() {
    return taken().snapshot();
  }

  /** The figures of that moment. */
  PoolFigures figures() {
    return taken().figures();
  }

  /** The calls that ran at that moment, the longest running first. */
  List<PoolOperator.Running> running() {
    return taken().running();
  }

  private Taken taken() {
    Taken taken = last;
    long now = nanoTime.getAsLong();
    if (taken == null || now - taken.at() > TimeUnit.MILLISECONDS.toNanos(LIFE_MILLIS)) {
      taken = new Taken(source.get(), figures.get(), running.get(), now);
      last = taken;
    }
    return taken;
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

  private record Taken(
      PoolSnapshot snapshot, PoolFigures figures, List<PoolOperator.Running> running, long at) {}
}
