// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.ReentrantLock;
import org.serpentry.ee.WatchedPools;
import org.serpentry.metrics.PoolMetrics;

/** The metrics of the application's pools, from when they are first asked for until its end. */
@ApplicationScoped
public class MetricsSource {
  private static final Logger LOG = System.getLogger("org.serpentry.rest");

  @Inject private WatchedPools pools;

  private final ReentrantLock lock = new ReentrantLock();
  private PoolMetrics metrics;
  private boolean closed;

  /** For the container. */
  public MetricsSource() {}

  /**
   * Begins to count calls, if the pools run already. Where the server's class path holds another
   * release of the metrics' libraries, a warning says so, and the application goes on without.
   */
  public void begin() {
    try {
      if (pools.running().isPresent()) {
        metrics();
      }
    } catch (LinkageError e) {
      LOG.log(
          Level.WARNING,
          "api/metrics cannot be served: the server's class path holds another release of"
              + " Micrometer or of Prometheus's client, such as that in the agent of Prometheus's"
              + " JMX exporter. Have one of the two: leave the agent out, or set"
              + " serpentry.rest.metrics=false",
          e);
    }
  }

  /**
   * All metrics.
   *
   * @param mediaType one of {@link PoolMetrics}'s
   * @return what {@link PoolMetrics#scrape} gives
   * @throws RefusedException when the pools do not run
   */
  public String scrape(String mediaType) {
    return metrics().scrape(mediaType);
  }

  private PoolMetrics metrics() {
    lock.lock();
    try {
      if (metrics == null) {
        WatchedPools.Application running =
            pools
                .running()
                .filter(application -> !closed)
                .orElseThrow(
                    () -> new RefusedException(Problem.NOT_RUNNING, "the pools do not run"));
        metrics = new PoolMetrics(running.name(), running.pools());
      }
      return metrics;
    } finally {
      lock.unlock();
    }
  }

  /** Counts no more. */
  @PreDestroy
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (metrics != null) {
        metrics.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
