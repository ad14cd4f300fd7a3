// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Time that stands still until a test advances it. Given to {@link TestPoolBuilder#clock}, it
 * drives everything that a pool times: timeouts of calls and of waiting, health checks, idle times,
 * back-offs, the grace times of the ladder. What the processes themselves do takes its real time,
 * so the time between two advances is for the test to choose, by waiting for an event.
 *
 * <p>One advance is one jump: a periodic task that would have been due three times runs once.
 *
 * <p>Any thread may call.
 */
public final class VirtualClock extends Clock {

  private final Instant begin;
  private final ZoneId zone;
  private final AtomicLong nanos;
  private final List<Runnable> jumps;

  private VirtualClock(Instant begin, ZoneId zone, AtomicLong nanos, List<Runnable> jumps) {
    this.begin = begin;
    this.zone = zone;
    this.nanos = nanos;
    this.jumps = jumps;
  }

  /**
   * A clock that stands.
   *
   * @param begin its first instant
   */
  public static VirtualClock at(Instant begin) {
    return new VirtualClock(begin, ZoneOffset.UTC, new AtomicLong(), new CopyOnWriteArrayList<>());
  }

  /**
   * Lets time pass. Returns when the pools that this clock drives have run what fell due.
   *
   * @param step zero or more
   */
  public void advance(Duration step) {
    if (step.isNegative()) {
      throw new IllegalArgumentException("Time does not go back, here by " + step);
    }
    nanos.addAndGet(step.toNanos());
    jumps.forEach(Runnable::run);
  }

  /** Elapsed time in nanoseconds, as {@link System#nanoTime()}. */
  public long nanoTime() {
    return nanos.get();
  }

  /** Tells somebody after every advance, on the advancing thread. */
  void onJump(Runnable jump) {
    jumps.add(jump);
  }

  @Override
  public Instant instant() {
    return begin.plusNanos(nanos.get());
  }

  @Override
  public ZoneId getZone() {
    return zone;
  }

  @Override
  public Clock withZone(ZoneId other) {
    return new VirtualClock(begin, other, nanos, jumps);
  }
}
