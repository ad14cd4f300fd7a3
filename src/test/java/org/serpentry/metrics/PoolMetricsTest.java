// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonFunction;
import org.serpentry.config.CircuitGroups;

/** What Prometheus gets of a running pool. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PoolMetricsTest {
  private static final String LABELS = "{application=metrics-shop, ";

  private static WatchedShop shop;

  @BeforeAll
  static void open() {
    shop = new WatchedShop("metrics-shop");
  }

  @AfterAll
  static void close() {
    shop.close();
  }

  @Test
  void callsAreCountedByOutcomeAndGroupWithTheirDurations() {
    String ok = LABELS + "group=faulty, outcome=success, pool=test}";
    String failed = LABELS + "group=faulty, outcome=python_error, pool=test}";
    PythonFunction add = shop.function("faulty:add").args(1, 2);
    PythonFunction fail = shop.function("faulty:fail").arg("message", "no");
    add.call(Integer.class);
    assertThatThrownBy(() -> fail.call(Object.class)).isInstanceOf(PythonCallException.class);

    Scrape before = shop.scrape();
    add.call(Integer.class);
    add.call(Integer.class);
    assertThatThrownBy(() -> fail.call(Object.class)).isInstanceOf(PythonCallException.class);
    Scrape after = shop.scrape();

    assertThat(growth(before, after, "serpentry_call_duration_seconds_count" + ok)).isEqualTo(2);
    assertThat(growth(before, after, "serpentry_call_duration_seconds_count" + failed))
        .isEqualTo(1);
    assertThat(growth(before, after, "serpentry_call_duration_seconds_sum" + ok)).isPositive();
    String infinite = ok.replace("group=faulty, ", "group=faulty, le=+Inf, ");
    assertThat(after.value("serpentry_call_duration_seconds_bucket" + infinite))
        .isEqualTo(after.value("serpentry_call_duration_seconds_count" + ok));
    shop.await("serpentry_calls_total" + LABELS + "outcome=success, pool=test}", 3);
    shop.await("serpentry_calls_total" + LABELS + "outcome=python_error, pool=test}", 2);
  }

  @Test
  void theGaugesAreThoseOfTheBean() {
    shop.await("serpentry_pool_size" + LABELS + "pool=test}", 1);
    shop.await("serpentry_pool_status" + LABELS + "pool=test, status=ok}", 1);
    shop.await("serpentry_workers" + LABELS + "pool=test, state=ready}", 1);
    shop.await("serpentry_worker_deaths_total" + LABELS + "pool=test}", 0);
    Set<String> names = shop.scrape().names();
    assertThat(names).contains("serpentry_code_info", "serpentry_workers_memory_bytes");
    assertThat(names).allMatch(name -> name.startsWith("serpentry_"));
  }

  @Test
  void closedMetersLeaveEveryRegistryAndNothingElseGoes() {
    SimpleMeterRegistry first = new SimpleMeterRegistry();
    SimpleMeterRegistry second = new SimpleMeterRegistry();
    Counter own = first.counter("own", "pool", "test");
    PoolMeters meters = new PoolMeters("another", shop.beans());
    meters.bindTo(first);
    meters.bindTo(second);
    assertThat(second.get("serpentry.pool.size").tag("pool", "test").gauge().value()).isEqualTo(1);
    assertThat(first.getMeters()).hasSizeGreaterThan(50);

    meters.close();
    meters.close();

    assertThat(first.getMeters()).containsExactly(own);
    assertThat(second.getMeters()).isEmpty();
  }

  @Test
  void openMetricsIsGivenToWhoAsksForItAndEndsAsItMust() {
    String accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";

    assertThat(PoolMetrics.mediaType(accept)).isEqualTo(PoolMetrics.OPEN_METRICS);
    assertThat(PoolMetrics.mediaType("text/plain")).isEqualTo(PoolMetrics.TEXT);
    assertThat(PoolMetrics.mediaType(null)).isEqualTo(PoolMetrics.TEXT);
    assertThat(shop.text(PoolMetrics.OPEN_METRICS))
        .contains("# TYPE serpentry_calls counter")
        .endsWith("# EOF\n");
    assertThat(shop.text(PoolMetrics.TEXT)).contains("# TYPE serpentry_calls_total counter");
  }

  @Test
  void whatCannotBeServedLeavesNobodyWhoCountsCalls() {
    PrometheusMeterRegistry clashing =
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT) {
          @Override
          public PrometheusRegistry getPrometheusRegistry() {
            throw new NoSuchMethodError("of another release");
          }
        };
    CallTimes times = new CallTimes(new CircuitGroups(List.of()));

    try (WatchedShop other = new WatchedShop("metrics-clash")) {
      PoolCollector.Source source = new PoolCollector.Source(other.beans(), times);

      assertThatThrownBy(() -> new PoolMetrics("clash", List.of(source), clashing))
          .isInstanceOf(NoSuchMethodError.class);
      other.function("faulty:add").args(1, 2).call(Integer.class);
    }
    assertThat(times.counted()).isEmpty();
  }

  private static double growth(Scrape before, Scrape after, String series) {
    return after.value(series) - before.value(series);
  }
}
