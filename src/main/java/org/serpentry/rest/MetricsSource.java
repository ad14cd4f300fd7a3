// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.serpentry.ee.WatchedPools;
import org.serpentry.metrics.PoolMetrics;

/** The metrics of the application's pools, from when they are first asked for until its end. */
@ApplicationScoped
public class MetricsSource {
  private static final Logger LOG = System.getLogger("org.serpentry.rest");

  @Inject private WatchedPools pools;

  private final ReentrantLock lock = new ReentrantLock();
  private final Supplier<Optional<WatchedPools.Application>> running;
  private final Function<WatchedPools.Application, PoolMetrics> maker;
  private PoolMetrics metrics;
  private LinkageError clash;
  private boolean closed;

  /** For the container. */
  public MetricsSource() {
    this.running = () -> pools.running();
    this.maker = application -> new PoolMetrics(application.name(), application.pools());
  }

  MetricsSource(
      Supplier<Optional<WatchedPools.Application>> running,
      Function<WatchedPools.Application, PoolMetrics> maker) {
    this.running = running;
    this.maker = maker;
  }

  /**
   * Begins to count calls, if the pools run already. Where the server's class path holds another
   * release of the metrics' libraries, a warning says so, and the application goes on without.
   */
  public void begin() {
    try {
      if (running.get().isPresent()) {
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
   * @throws LinkageError when the server's class path holds another release of the libraries
   */
  public String scrape(String mediaType) {
    return metrics().scrape(mediaType);
  }

  private PoolMetrics metrics() {
    lock.lock();
    try {
      if (clash != null) {
        throw clash; // It stays as it is until the server starts anew.
      }
      if (metrics == null) {
        WatchedPools.Application application =
            running
                .get()
                .filter(pool -> !closed)
                .orElseThrow(
                    () -> new RefusedException(Problem.NOT_RUNNING, "the pools do not run"));
        metrics = maker.apply(application);
      }
      return metrics;
    } catch (LinkageError e) {
      clash = e;
      throw e;
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
