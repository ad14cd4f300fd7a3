// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** How many restarts there have been within a window, and whether there may be another. */
public final class RestartIntensity {
  private final int most;
  private final long windowNanos;
  private final Deque<Long> restarts = new ArrayDeque<>();
  private long total;

  /**
   * No restart so far.
   *
   * @param most restarts within the window; 0: any number
   * @param window how long a restart counts
   */
  public RestartIntensity(int most, Duration window) {
    this.most = most;
    this.windowNanos = window.toNanos();
  }

  /**
   * Counts a restart.
   *
   * @param now as {@link System#nanoTime()}
   * @return whether it is allowed; false when it is one too many
   */
  public boolean restart(long now) {
    total++;
    while (!restarts.isEmpty() && now - restarts.peekFirst() >= windowNanos) {
      restarts.removeFirst();
    }
    restarts.addLast(now);
    if (most == 0) {
      restarts.clear();
    }
    return restarts.size() <= most;
  }

  /** Forgets the restarts so far. */
  public void reset() {
    restarts.clear();
  }

  /**
   * All restarts, allowed or not.
   *
   * @return their number since the beginning
   */
  public long total() {
    return total;
  }
}
