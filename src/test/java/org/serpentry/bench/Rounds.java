// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Lets subjects take turns, round by round, and compares them within each round: where the
 * scheduler puts the two processes changes a single median twofold, but for all subjects alike.
 */
public final class Rounds {

  private static final long MAX_NANOS = 60_000_000_000L;

  private final int rounds;
  private final int calls;
  private final Map<String, Subject> subjects = new LinkedHashMap<>();
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
   * Warms all subjects up, then measures them.
   *
   * @param warmup how many calls of each before anything is measured
   * @return this series
   * @throws Exception when a subject fails
   */
  public Rounds run(int warmup) throws Exception {
    // In turns as well: a subject warmed up alone is compiled for itself alone.
    for (int turn = 0; turn < 5; turn++) {
      for (Subject subject : subjects.values()) {
        for (int i = 0; i < warmup / 5; i++) {
          subject.run();
        }
      }
    }
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<String, Subject> entry : subjects.entrySet()) {
        measure(entry.getKey(), entry.getValue(), round);
      }
    }
    return this;
  }

  private void measure(String name, Subject subject, int round) throws Exception {
    Histogram histogram = new Histogram(MAX_NANOS, 3);
    long start = System.nanoTime();
    long before = start;
    for (int i = 0; i < calls; i++) {
      subject.run();
      long after = System.nanoTime();
      histogram.recordValue(Math.min(MAX_NANOS, after - before));
      before = after;
    }
    nanos.merge(name, before - start, Long::sum);
    totals.get(name).add(histogram);
    medians.get(name)[round] = histogram.getValueAtPercentile(50) / 1e3;
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
