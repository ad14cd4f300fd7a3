// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a {@link LatencyRecorder} counted within the last minute and since the start. Whoever owns
 * it calls {@link #tick} every {@link #STEP}; the lock is never taken by a call. Any thread may
 * call.
 */
public final class LatencyHistory {

  /** How often the owner must call {@link #tick}; the last minute is longer by up to that. */
  public static final Duration STEP = Duration.ofSeconds(5);

  private static final int STEPS = 12;

  private final LatencyRecorder recorder;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<long[]> moments = new ArrayDeque<>();
  private long[] start = new long[LatencyRecorder.BUCKETS];

  /**
   * A history that begins now.
   *
   * @param recorder counts
   */
  public LatencyHistory(LatencyRecorder recorder) {
    this.recorder = recorder;
    moments.addLast(recorder.counts());
  }

  /** Notes a moment, and forgets those of more than a minute ago. */
  public void tick() {
    long[] now = recorder.counts();
    lock.lock();
    try {
      moments.addLast(now);
      if (moments.size() > STEPS + 1) {
        moments.removeFirst();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The last minute.
   *
   * @return of the calls that ended within it
   */
  public Latency lastMinute() {
    long[] now = recorder.counts();
    lock.lock();
    try {
      return Latency.between(moments.getFirst(), now);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Everything since the start or the last reset.
   *
   * @return of all calls since
   */
  public Latency sinceStart() {
    long[] now = recorder.counts();
    lock.lock();
    try {
      return Latency.between(start, now);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets everything so far. */
  public void reset() {
    long[] now = recorder.counts();
    lock.lock();
    try {
      start = now;
      moments.clear();
      moments.addLast(now);
    } finally {
      lock.unlock();
    }
  }
}
