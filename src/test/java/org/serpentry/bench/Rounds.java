// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.serpentry.bench.Placement.Way;

/**
 * Lets subjects take turns, round by round, and compares them within each round, under the same
 * {@link Placement} of both ends.
 */
public final class Rounds {

  private static final long MAX_NANOS = 60_000_000_000L;

  /** So many calls of one subject follow each other; after the first few of them caches are its. */
  private static final int SLICE = 500;

  private final int rounds;
  private final int calls;
  private final Map<String, Subject> subjects = new LinkedHashMap<>();
  private final Map<String, Runnable> cleanups = new LinkedHashMap<>();
  private final Map<Way, Map<String, Total>> totals = new EnumMap<>(Way.class);
  private Placement placement;
  private List<Way> ways = List.of(Way.AS_IT_COMES);

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
   * Measures every round under each way of placing both ends.
   *
   * @param where the placement; its first way is the one that counts
   * @return this series
   */
  public Rounds placed(Placement where) {
    return placed(where, where.ways().toArray(Way[]::new));
  }

  /**
   * Measures every round under some ways of placing both ends.
   *
   * @param where the placement
   * @param wanted the ways, the one that counts first; as it comes where the machine has none of
   *     them
   * @return this series
   */
  public Rounds placed(Placement where, Way... wanted) {
    placement = where;
    List<Way> there = Arrays.stream(wanted).filter(where.ways()::contains).toList();
    ways = there.isEmpty() ? List.of(Way.AS_IT_COMES) : there;
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
      for (Map.Entry<String, Subject> entry : subjects.entrySet()) {
        for (int i = 0; i < warmup / 5; i++) {
          entry.getValue().run();
          if (cleanups.containsKey(entry.getKey())) {
            cleanups.get(entry.getKey()).run();
          }
        }
      }
    }
    for (Way way : ways) {
      totals.put(way, new LinkedHashMap<>());
      subjects.keySet().forEach(name -> totals.get(way).put(name, new Total(rounds)));
    }
    try {
      for (int round = 0; round < rounds; round++) {
        for (Way way : ways) {
          if (placement != null) {
            placement.apply(way);
          }
          measure(round, totals.get(way));
        }
      }
    } finally {
      if (placement != null) {
        placement.apply(Way.AS_IT_COMES); // Whatever starts after this inherits its place.
      }
    }
    return this;
  }

  /** In slices, since where the processes run changes within a round, too. */
  private void measure(int round, Map<String, Total> into) throws Exception {
    Map<String, Histogram> histograms = new LinkedHashMap<>();
    subjects.keySet().forEach(name -> histograms.put(name, new Histogram(MAX_NANOS, 3)));
    int slices = Math.max(1, calls / SLICE);
    for (int slice = 0; slice < slices; slice++) {
      for (Map.Entry<String, Subject> entry : subjects.entrySet()) {
        String name = entry.getKey();
        into.get(name).nanos +=
            measure(name, entry.getValue(), histograms.get(name), calls / slices);
      }
    }
    histograms.forEach((name, histogram) -> into.get(name).add(round, histogram));
  }

  private long measure(String name, Subject subject, Histogram histogram, int count)
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
    return busy;
  }

  /**
   * The figures of a subject over all rounds.
   *
   * @param name the subject
   * @return its figures as placed in the way that counts, and its median in the other ways
   */
  public Figures figures(String name) {
    Total main = total(ways.get(0), name);
    Figures figures =
        Figures.of(main.all).with("callsPerSecond", main.all.getTotalCount() / (main.nanos / 1e9));
    for (Way way : ways.subList(1, ways.size())) {
      double p50 = total(way, name).all.getValueAtPercentile(50) / 1e3;
      figures = figures.with("p50Micros" + way.suffix(), p50);
    }
    return figures;
  }

  /**
   * The same, held against a baseline.
   *
   * @param name the subject
   * @param baseline the subject that counts as one
   * @return its figures with the median over the rounds of what each round's medians relate to, in
   *     each way of placing them
   */
  public Figures figures(String name, String baseline) {
    Figures figures = figures(name);
    for (Way way : ways) {
      String suffix = way == ways.get(0) ? "" : way.suffix();
      figures = figures.with("ratio" + suffix, ratio(way, name, baseline));
    }
    return figures;
  }

  /**
   * How two subjects relate.
   *
   * @param name the subject
   * @param baseline the subject that counts as one
   * @return the median over the rounds of what each round's medians relate to, in the way that
   *     counts
   */
  public double ratio(String name, String baseline) {
    return ratio(ways.get(0), name, baseline);
  }

  private double ratio(Way way, String name, String baseline) {
    double[] subject = total(way, name).medians;
    double[] one = total(way, baseline).medians;
    return median(round -> subject[round] / one[round]);
  }

  private Total total(Way way, String name) {
    return totals.get(way).get(name);
  }

  /**
   * What one subject costs beyond others.
   *
   * @param figures takes the median of the differences, in each way of placing them
   * @param figure the figure's name
   * @param name the subject
   * @param others what is taken off
   * @return the figures with it
   */
  public Figures beyond(Figures figures, String figure, String name, String... others) {
    Figures more = figures;
    for (Way way : ways) {
      String suffix = way == ways.get(0) ? "" : way.suffix();
      more =
          more.with(
              figure + suffix,
              median(
                  round -> {
                    double left = total(way, name).medians[round];
                    for (String other : others) {
                      left -= total(way, other).medians[round];
                    }
                    return left;
                  }));
    }
    return more;
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

  /** What a subject took under one way of placing it. */
  private static final class Total {
    private final Histogram all = new Histogram(MAX_NANOS, 3);
    private final double[] medians;
    private long nanos;

    Total(int rounds) {
      this.medians = new double[rounds];
    }

    void add(int round, Histogram histogram) {
      all.add(histogram);
      medians[round] = histogram.getValueAtPercentile(50) / 1e3;
    }
  }
}
