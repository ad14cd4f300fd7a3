// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.serpentry.pool.PoolFigures;
import org.serpentry.pool.WorkerPool;

/**
 * MicroProfile Health's liveness of the application's pools: whether each pool's control thread
 * runs, which starts, watches and ends workers. What workers and Python do is no matter of it,
 * since a new server would not help. Any thread may call.
 */
@Liveness
@ApplicationScoped
public class PoolLiveness implements HealthCheck {

  /** The control thread shows that it runs every five seconds. */
  static final long MOST_SILENT_SECONDS = 60;

  @Inject private BeanManager beans;

  /** For CDI. */
  public PoolLiveness() {}

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("serpentry");
    PoolSet pools = beans.getExtension(PythonPoolExtension.class).running();
    if (pools == null) {
      return response.up().withData("status", "the pools do not run").build();
    }
    boolean alive = true;
    for (WorkerPool pool : pools.cores()) {
      PoolFigures figures = pool.operator().figures();
      boolean well = figures.silence().toSeconds() < MOST_SILENT_SECONDS;
      alive &= well;
      response
          .withData(pool.name() + ".status", well ? "control thread runs" : "control thread stuck")
          .withData(pool.name() + ".uptimeSeconds", figures.uptime().toSeconds());
    }
    return response.status(alive).build();
  }
}
