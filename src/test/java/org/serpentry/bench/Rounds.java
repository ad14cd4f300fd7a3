// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Lets subjects take turns, round by round, and compares them within each round: where the
 * scheduler puts the two processes changes a single median twofold, but for all subjects alike.
 */
public final class Rounds {

  private static final long MAX_NANOS = 60_000_000_000L;

  /** So many calls of one subject follow each other; after the first few of them caches are its. */
  private static final int SLICE = 500;

  private final int rounds;
  private final int calls;
  private final Map<String, Subject> subjects = new LinkedHashMap<>();
  private final Map<String, Runnable> cleanups = new LinkedHashMap<>();
  private final Map<String, Histogram> totals = new LinkedHashMap<>();
  private final Map<String, double[]> medians = new LinkedHashMap<>();
  private final Map<String, Long> nanos = new LinkedHashMap<>();

  /**
   * A series.
   *
   * @param rounds how many rounds
   * @param calls how many calls of each subject in a round
   */
  public Rounds(int rounds, int calls) {
    this.rounds = rounds;
    this.calls = calls;
  }

  /**
   * Adds a subject.
   *
   * @param name its name in the results
   * @param subject what is measured
   * @return this series
   */
  public Rounds with(String name, Subject subject) {
    subjects.put(name, subject);
    totals.put(name, new Histogram(MAX_NANOS, 3));
    medians.put(name, new double[rounds]);
    return this;
  }

  /**
   * Adds a subject that leaves something to be ended outside the measured time.
   *
   * @param <T> what it leaves
   * @param name its name in the results
   * @param subject what is measured
   * @param end ends what it left
   * @return this series
   */
  public <T> Rounds with(String name, Callable<T> subject, Consumer<T> end) {
    AtomicReference<T> left = new AtomicReference<>();
    cleanups.put(name, () -> end.accept(left.getAndSet(null)));
    return with(name, () -> left.set(subject.call()));
  }

  /**
   * Warms all subjects up, then measures them.
   *
   * @param warmup how many calls of each before anything is measured
   * @return this series
   * @throws Exception when a subject fails
   */
  public Rounds run(int warmup) throws Exception {
    // In turns as well: a subject warmed up alone is compiled for itself alone.
    for (int turn = 0; turn < 5; turn++) {
      for (Map.Entry<String, Subject> entry : subjects.entrySet()) {
        for (int i = 0; i < warmup / 5; i++) {
          entry.getValue().run();
          if (cleanups.containsKey(entry.getKey())) {
            cleanups.get(entry.getKey()).run();
          }
        }
      }
    }
    for (int round = 0; round < rounds; round++) {
      measure(round);
    }
    return this;
  }

  /** In slices, since where the processes run changes within a round, too. */
  private void measure(int round) throws Exception {
    Map<String, Histogram> histograms = new LinkedHashMap<>();
    subjects.keySet().forEach(name -> histograms.put(name, new Histogram(MAX_NANOS, 3)));
    int slices = Math.max(1, calls / SLICE);
    for (int slice = 0; slice < slices; slice++) {
      for (Map.Entry<String, Subject> entry : subjects.entrySet()) {
        measure(entry.getKey(), entry.getValue(), histograms.get(entry.getKey()), calls / slices);
      }
    }
    histograms.forEach(
        (name, histogram) -> {
          totals.get(name).add(histogram);
          medians.get(name)[round] = histogram.getValueAtPercentile(50) / 1e3;
        });
  }

  private void measure(String name, Subject subject, Histogram histogram, int count)
      throws Exception {
    Runnable cleanup = cleanups.get(name);
    long busy = 0;
    long before = System.nanoTime();
    for (int i = 0; i < count; i++) {
      subject.run();
      long after = System.nanoTime();
      histogram.recordValue(Math.min(MAX_NANOS, after - before));
      busy += after - before;
      before = after;
      if (cleanup != null) {
        cleanup.run();
        before = System.nanoTime();
      }
    }
    nanos.merge(name, busy, Long::sum);
  }

  /**
   * The figures of a subject over all rounds.
   *
   * @param name the subject
   * @return its figures
   */
  public Figures figures(String name) {
    Histogram all = totals.get(name);
    return Figures.of(all).with("callsPerSecond", all.getTotalCount() / (nanos.get(name) / 1e9));
  }

  /**
   * The same, held against a baseline.
   *
   * @param name the subject
   * @param baseline the subject that counts as one
   * @return its figures with the median over the rounds of what each round's medians relate to
   */
  public Figures figures(String name, String baseline) {
    return figures(name)
        .with("ratio", median(round -> medians(name)[round] / medians(baseline)[round]));
  }

  /**
   * The medians of a subject.
   *
   * @param name the subject
   * @return a median in microseconds for each round
   */
  public double[] medians(String name) {
    return medians.get(name);
  }

  /**
   * The median over the rounds.
   *
   * @param ofRound gives a round's value
   * @return the median
   */
  public double median(IntToDoubleFunction ofRound) {
    double[] sorted = IntStream.range(0, rounds).mapToDouble(ofRound).sorted().toArray();
    return Arrays.stream(sorted, (rounds - 1) / 2, rounds / 2 + 1).average().orElseThrow();
  }
}
