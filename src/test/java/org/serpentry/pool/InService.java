// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.spi.PoolListener;

/**
 * Counts the workers that serve, READY or BUSY, at every move of any of them, and those of them
 * that have not been told to leave.
 */
final class InService implements PoolListener {

  private final Set<Long> serving = new HashSet<>();
  private final Set<Long> staying = new HashSet<>();
  private final int size;
  private final AtomicInteger fewest = new AtomicInteger(Integer.MAX_VALUE);
  private final AtomicInteger mostStaying = new AtomicInteger();

  InService(int size) {
    this.size = size;
  }

  @Override
  public void onTransition(WorkerRef worker, Transition transition) {
    if (transition.to() == WorkerState.READY) {
      serving.add(worker.worker());
      staying.add(worker.worker());
    } else if (transition.to() == WorkerState.TERMINATING) {
      serving.remove(worker.worker());
      staying.remove(worker.worker());
    }
    mostStaying.accumulateAndGet(staying.size(), Math::max);
    // From the moment at which the pool is full for the first time.
    if (serving.size() >= size || fewest.get() <= size) {
      fewest.accumulateAndGet(serving.size(), Math::min);
    }
  }

  @Override
  public void onRecycled(WorkerRef worker, RecycleReason reason) {
    staying.remove(worker.worker());
  }

  /** The fewest that have served since the pool was full. */
  int fewest() {
    return fewest.get();
  }

  /** The most that have served at a time without having been told to leave. */
  int mostStaying() {
    return mostStaying.get();
  }
}
