// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import java.util.concurrent.TimeUnit;
import org.serpentry.api.PythonFunction;
import org.serpentry.management.ManagementRegistrar;
import org.serpentry.management.PoolBeans;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;

/** A running pool {@code test} of one worker with its beans and its metrics. */
final class WatchedShop implements AutoCloseable {
  private final ManagementRegistrar registrar;
  private final WorkerPool pool;
  private final PoolMetrics metrics;

  /**
   * Starts it.
   *
   * @param application its name, which no other test has
   */
  WatchedShop(String application) {
    pool = TestPools.start(TestPools.config().build());
    registrar = ManagementRegistrar.open(application);
    registrar.register(pool);
    metrics = new PoolMetrics(registrar.application(), registrar.pools());
  }

  PythonFunction function(String target) {
    return pool.function(target);
  }

  PoolBeans beans() {
    return registrar.pools().get(0);
  }

  String text(String mediaType) {
    return metrics.scrape(mediaType);
  }

  Scrape scrape() {
    return new Scrape(text(PoolMetrics.TEXT));
  }

  /** Scrapes until a series has a value: what the beans tell is up to 100 ms old. */
  void await(String series, double value) {
    long begin = System.nanoTime();
    Double last = null;
    while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(30)) {
      last = scrape().values().get(series);
      if (last != null && last == value) {
        return;
      }
      Thread.onSpinWait();
    }
    throw new AssertionError(series + " is not " + value + " but " + last);
  }

  @Override
  public void close() {
    metrics.close();
    registrar.close();
    pool.close();
  }
}
