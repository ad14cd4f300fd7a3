// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts durations in buckets whose width is a thirty-second of their power of two, so that a
 * percentile is at most 3.2 percent off. Recording takes one addition in memory that few other
 * threads use, no lock and no allocation. Any thread may call.
 */
public final class LatencyRecorder {

  private static final int SUB_BITS = 5;
  private static final int SUB = 1 << SUB_BITS;
  private static final int MOST_BITS = 43; // 2 to the 43 ns are 2.4 hours
  private static final long MOST = (1L << (MOST_BITS + 1)) - 1;

  /** How many buckets there are. */
  static final int BUCKETS = (MOST_BITS - SUB_BITS + 2) * SUB;

  private static final int MOST_STRIPES = 8;

  private final int mask;
  private final AtomicLongArray counts;

  /** An empty recorder. */
  public LatencyRecorder() {
    int cores = Math.min(MOST_STRIPES, Runtime.getRuntime().availableProcessors());
    int stripes = cores <= 1 ? 1 : Integer.highestOneBit(cores - 1) << 1;
    this.mask = stripes - 1;
    this.counts = new AtomicLongArray(stripes * BUCKETS);
  }

  /**
   * Counts a duration.
   *
   * @param nanos its length; less than zero counts as zero, more than four hours as four hours
   */
  public void record(long nanos) {
    int stripe = (int) Thread.currentThread().getId() & mask;
    counts.getAndIncrement(stripe * BUCKETS + bucket(nanos));
  }

  static int bucket(long nanos) {
    long value = Math.max(0, Math.min(MOST, nanos));
    if (value < SUB) {
      return (int) value;
    }
    int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(value) - SUB_BITS;
    return (shift + 1) * SUB + (int) (value >>> shift & SUB - 1);
  }

  /** The middle of a bucket, in nanoseconds. */
  static long middle(int bucket) {
    if (bucket < SUB) {
      return bucket;
    }
    int shift = bucket / SUB - 1;
    long least = (long) (SUB + bucket % SUB) << shift;
    return least + (1L << shift) / 2;
  }

  /** What has been counted so far; each bucket's number is momentary. */
  long[] counts() {
    long[] sums = new long[BUCKETS];
    for (int i = 0; i < counts.length(); i++) {
      sums[i % BUCKETS] += counts.get(i);
    }
    return sums;
  }
}
