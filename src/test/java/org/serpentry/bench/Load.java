// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * So many threads that call one subject as often as they can, then the next, in turns, round by
 * round. Used by one thread.
 */
public final class Load {

  private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final int callers;
  private final int rounds;
  private final long roundNanos;
  private final Map<String, Subject> subjects = new LinkedHashMap<>();

  /**
   * A load.
   *
   * @param callers how many threads
   * @param rounds how many rounds; two more go before them as a warm-up
   * @param roundMillis how long each subject is called in a round
   */
  public Load(int callers, int rounds, long roundMillis) {
    this.callers = callers;
    this.rounds = rounds;
    this.roundNanos = TimeUnit.MILLISECONDS.toNanos(roundMillis);
  }

  /**
   * Adds a subject.
   *
   * @param name its name in the results
   * @param subject what is called, by all threads at once
   * @return this load
   */
  public Load with(String name, Subject subject) {
    subjects.put(name, subject);
    return this;
  }

  /**
   * What the callers measured in all rounds together.
   *
   * @param nanos how long each call took
   * @param seconds how long all rounds took
   * @param leastOfMean how many calls the caller had who had fewest, of what they had on average,
   *     in the least fair round
   * @param cpuNanos what both ends used of the processors, which others on the machine change least
   * @param rates the calls per second of each round
   */
  public record Measured(
      Histogram nanos, double seconds, double leastOfMean, long cpuNanos, List<Double> rates) {

    /**
     * The throughput.
     *
     * @return how many calls were answered in a second, by all callers together
     */
    public double perSecond() {
      return nanos.getTotalCount() / seconds;
    }

    /**
     * All of it.
     *
     * @return percentiles and throughput
     */
    public Figures figures() {
      return Figures.of(nanos)
          .with("callsPerSecond", perSecond())
          .with("cpuMicrosPerCall", cpuMicros());
    }

    /**
     * The cost.
     *
     * @return what one call used of the processors at both ends
     */
    public double cpuMicros() {
      return cpuNanos / 1e3 / nanos.getTotalCount();
    }

    /**
     * How many times as fast this is.
     *
     * @param other measured in the same rounds
     * @return the median over the rounds
     */
    public double timesAsFastAs(Measured other) {
      double[] sorted =
          IntStream.range(0, rates.size())
              .mapToDouble(round -> rates.get(round) / other.rates.get(round))
              .sorted()
              .toArray();
      return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
  }

  /**
   * Calls.
   *
   * @return what was measured of each subject
   * @throws Exception when a call fails
   */
  public Map<String, Measured> run() throws Exception {
    Map<String, Measured> all = new LinkedHashMap<>();
    for (int round = -2; round < rounds; round++) {
      for (Map.Entry<String, Subject> entry : subjects.entrySet()) {
        Measured one = round(entry.getValue());
        if (round >= 0) {
          all.merge(entry.getKey(), one, Load::sum);
        }
      }
    }
    return all;
  }

  private static Measured sum(Measured a, Measured b) {
    Histogram nanos = a.nanos().copy();
    nanos.add(b.nanos());
    List<Double> rates = new ArrayList<>(a.rates());
    rates.addAll(b.rates());
    return new Measured(
        nanos,
        a.seconds() + b.seconds(),
        Math.min(a.leastOfMean(), b.leastOfMean()),
        a.cpuNanos() + b.cpuNanos(),
        rates);
  }

  private Measured round(Subject subject) throws Exception {
    CyclicBarrier start = new CyclicBarrier(callers + 1);
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    List<Histogram> histograms = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int caller = 0; caller < callers; caller++) {
      Histogram own = new Histogram(MAX_NANOS, 3);
      histograms.add(own);
      Thread thread = new Thread(() -> call(subject, own, start), "bench-caller-" + caller);
      thread.setUncaughtExceptionHandler((t, failure) -> failures.add(failure));
      threads.add(thread);
      thread.start();
    }
    long cpu = CpuTime.nanos();
    start.await();
    long begin = System.nanoTime();
    for (Thread thread : threads) {
      thread.join();
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    long used = CpuTime.nanos() - cpu;
    if (!failures.isEmpty()) {
      throw new IllegalStateException("a caller failed", failures.get(0));
    }
    Histogram all = new Histogram(MAX_NANOS, 3);
    histograms.forEach(all::add);
    long least = histograms.stream().mapToLong(Histogram::getTotalCount).min().orElseThrow();
    double mean = (double) all.getTotalCount() / callers;
    return new Measured(all, seconds, least / mean, used, List.of(all.getTotalCount() / seconds));
  }

  private void call(Subject subject, Histogram own, CyclicBarrier start) {
    try {
      start.await();
      long begin = System.nanoTime();
      for (long now = begin; now - begin < roundNanos; ) {
        subject.run();
        long after = System.nanoTime();
        own.recordValue(Math.min(MAX_NANOS, after - now));
        now = after;
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
