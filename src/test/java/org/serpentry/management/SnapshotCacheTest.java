// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.WorkerState;
import org.serpentry.pool.PoolSnapshot;

@Tag("layer-1")
class SnapshotCacheTest {
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger taken = new AtomicInteger();
  private final SnapshotCache cache =
      new SnapshotCache(
          () -> {
            taken.incrementAndGet();
            return snapshot(2, 2, 0, false, "");
          },
          () -> null,
          List::of,
          nanos::get);

  /** A pool of size 2 and at most 3. */
  static PoolSnapshot snapshot(int ready, int busy, int waiting, boolean suspended, String fault) {
    Map<WorkerState, Integer> states = new EnumMap<>(WorkerState.class);
    for (WorkerState state : WorkerState.values()) {
      states.put(state, 0);
    }
    states.put(WorkerState.READY, ready);
    states.put(WorkerState.BUSY, busy);
    return new PoolSnapshot(
        2,
        3,
        states,
        waiting,
        10,
        waiting * 5L,
        0,
        new PoolSnapshot.Calls(0, 0, 0, 0, 0, 0, 0, 0),
        Map.of(),
        suspended,
        fault,
        1,
        List.of(),
        PoolSnapshot.Upkeep.NONE,
        org.serpentry.session.SessionStatistics.NONE,
        org.serpentry.pool.ServiceView.POOL);
  }

  @Test
  void oneLookServesAWholeRefresh() {
    cache.get();
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(SnapshotCache.LIFE_MILLIS));
    cache.get();

    assertThat(taken).hasValue(1);
  }

  @Test
  void aLaterRefreshLooksAgain() {
    cache.get();
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(SnapshotCache.LIFE_MILLIS) + 1);
    cache.get();

    assertThat(taken).hasValue(2);
  }

  @Test
  void whoeverChangedThePoolSeesTheChange() {
    cache.get();
    cache.invalidate();
    cache.get();

    assertThat(taken).hasValue(2);
  }

  @Test
  void aSlotThatIsNotThereIsNone() {
    assertThat(cache.slot(5)).isNull();
  }
}
