// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.serpentry.pool.WorkerPool;

/**
 * MicroProfile Health's liveness of the application's pools: whether each pool's control thread
 * runs, which starts, watches and ends workers. What workers and Python do is no matter of it,
 * since a new server would not help. Any thread may call.
 */
@Liveness
@ApplicationScoped
public class PoolLiveness implements HealthCheck {

  @Inject private BeanManager beans;

  /** For CDI. */
  public PoolLiveness() {}

  @Override
  public HealthCheckResponse call() {
    PoolSet pools = beans.getExtension(PythonPoolExtension.class).running();
    if (pools == null) {
      return HealthCheckResponse.named("serpentry")
          .up()
          .withData("status", "the pools do not run")
          .build();
    }
    ProbeFindings findings = new ProbeFindings();
    for (WorkerPool pool : pools.cores()) {
      findings.alive(pool.name(), pool.operator().figures());
    }
    return findings.response();
  }
}
