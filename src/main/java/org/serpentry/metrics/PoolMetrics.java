// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import org.serpentry.config.CircuitGroups;
import org.serpentry.management.PoolBeans;

/**
 * The pools of an application in Prometheus's text formats. It counts the calls that end while it
 * is open; everything else is read from the beans when somebody scrapes. Any thread may call.
 */
public final class PoolMetrics implements AutoCloseable {

  /** The media type of Prometheus's own format. */
  public static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  /** The media type of OpenMetrics. */
  public static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final PrometheusMeterRegistry registry;
  private final List<PoolCollector.Source> sources;

  /**
   * Begins to count.
   *
   * @param application the application's name, a label of everything
   * @param pools its pools
   */
  public PoolMetrics(String application, List<PoolBeans> pools) {
    this(application, sources(pools), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  PoolMetrics(
      String application, List<PoolCollector.Source> sources, PrometheusMeterRegistry registry) {
    this.registry = registry;
    this.sources = List.copyOf(sources);
    for (PoolCollector.Source source : sources) {
      new PoolMeters(application, source.pool()).bindTo(registry);
    }
    registry.getPrometheusRegistry().register(new PoolCollector(application, sources));
    // Last: whatever fails above, such as a clash of libraries, leaves nobody who counts for
    // nobody.
    sources.forEach(source -> source.pool().pool().attach(source.times()));
  }

  private static List<PoolCollector.Source> sources(List<PoolBeans> pools) {
    return pools.stream()
        .map(pool -> new PoolCollector.Source(pool, new CallTimes(groups(pool))))
        .toList();
  }

  private static CircuitGroups groups(PoolBeans pool) {
    return new CircuitGroups(pool.pool().config().resilience().circuitGroups());
  }

  /**
   * Which format a client prefers.
   *
   * @param accept its {@code Accept} header, or null
   * @return {@link #TEXT} or {@link #OPEN_METRICS}
   */
  public static String mediaType(String accept) {
    return accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
  }

  /**
   * Reads everything.
   *
   * @param mediaType {@link #TEXT} or {@link #OPEN_METRICS}
   * @return the text
   */
  public String scrape(String mediaType) {
    return registry.scrape(mediaType);
  }

  /** Counts no more calls. */
  @Override
  public void close() {
    sources.forEach(source -> source.pool().pool().detach(source.times()));
    registry.close();
  }
}
