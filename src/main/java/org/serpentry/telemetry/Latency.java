// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

/**
 * How long calls took within some time. Each figure is at most 3.2 percent off.
 *
 * @param calls how many calls ended within it
 * @param p50Micros half of them took no longer than this, in microseconds; 0 without calls
 * @param p95Micros of 100 calls 95 took no longer
 * @param p99Micros of 100 calls 99 took no longer
 * @param p999Micros of 1,000 calls 999 took no longer
 * @param maxMicros none took longer
 */
public record Latency(
    long calls, long p50Micros, long p95Micros, long p99Micros, long p999Micros, long maxMicros) {

  /** Without calls. */
  public static final Latency NONE = new Latency(0, 0, 0, 0, 0, 0);

  /** Of what was counted between two moments. */
  static Latency between(long[] before, long[] after) {
    long[] counts = new long[after.length];
    long total = 0;
    for (int i = 0; i < after.length; i++) {
      counts[i] = after[i] - before[i];
      total += counts[i];
    }
    if (total == 0) {
      return NONE;
    }
    return new Latency(
        total,
        micros(counts, total, 0.5),
        micros(counts, total, 0.95),
        micros(counts, total, 0.99),
        micros(counts, total, 0.999),
        micros(counts, total, 1));
  }

  private static long micros(long[] counts, long total, double share) {
    long rank = (long) Math.ceil(share * total);
    long seen = 0;
    int bucket = 0;
    for (int i = 0; i < counts.length && seen < rank; i++) {
      seen += counts[i];
      bucket = i;
    }
    return Math.round(LatencyRecorder.middle(bucket) / 1_000.0);
  }
}
