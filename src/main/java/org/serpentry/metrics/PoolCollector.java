// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.serpentry.management.PoolBeans;

/**
 * What Micrometer cannot read from elsewhere: the histogram of the calls' durations, and numbers
 * whose labels come with the time. Made anew at each scrape from what is counted anyway.
 */
final class PoolCollector implements MultiCollector {

  private static final String POOL = "pool";
  private static final String APPLICATION = "application";

  private final String application;
  private final List<Source> sources;

  PoolCollector(String application, List<Source> sources) {
    this.application = application;
    this.sources = List.copyOf(sources);
  }

  /**
   * A pool.
   *
   * @param pool its beans
   * @param times what is counted of its calls
   */
  record Source(PoolBeans pool, CallTimes times) {}

  @Override
  public MetricSnapshots collect() {
    HistogramSnapshot.Builder durations =
        HistogramSnapshot.builder()
            .name("serpentry_call_duration_seconds")
            .unit(Unit.SECONDS)
            .help("Calls that got a worker, from the lease to its end.");
    CounterSnapshot.Builder deaths =
        CounterSnapshot.builder()
            .name("serpentry_worker_deaths")
            .help("Workers that ended without having been asked to.");
    CounterSnapshot.Builder recycled =
        CounterSnapshot.builder()
            .name("serpentry_workers_recycled")
            .help("Workers that were told to leave, by what asked for it.");
    InfoSnapshot.Builder code =
        InfoSnapshot.builder().name("serpentry_code").help("The code that most workers run.");
    for (Source source : sources) {
      Labels labels = Labels.of(APPLICATION, application, POOL, source.pool().name());
      source.times().counted().forEach(counted -> durations.dataPoint(dataPoint(labels, counted)));
      deaths.dataPoint(count(labels, source.times().deaths()));
      source
          .pool()
          .bean()
          .getWorkersRecycled()
          .forEach((why, count) -> recycled.dataPoint(count(labels.add("reason", why), count)));
      String version = source.pool().bean().getCodeVersion();
      if (!version.isEmpty()) {
        code.dataPoint(
            InfoDataPointSnapshot.builder().labels(labels.add("version", version)).build());
      }
    }
    return MetricSnapshots.of(durations.build(), deaths.build(), recycled.build(), code.build());
  }

  private static CounterDataPointSnapshot count(Labels labels, long value) {
    return CounterDataPointSnapshot.builder().labels(labels).value((double) value).build();
  }

  private static HistogramDataPointSnapshot dataPoint(Labels labels, CallTimes.Counted counted) {
    return HistogramDataPointSnapshot.builder()
        .labels(
            labels
                .add("group", counted.group())
                .add("outcome", counted.outcome().name().toLowerCase(Locale.ROOT)))
        .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds(), numbers(counted.counts())))
        .sum(counted.seconds())
        .build();
  }

  private static List<Double> bounds() {
    return Arrays.stream(CallTimes.bounds()).boxed().toList();
  }

  private static List<Long> numbers(long[] counts) {
    return Arrays.stream(counts).boxed().toList();
  }
}
