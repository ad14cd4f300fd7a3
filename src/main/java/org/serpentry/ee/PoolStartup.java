// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;
import org.serpentry.pool.WorkerPool;

/**
 * MicroProfile Health's startup of the application's pools: up as soon as each of them has been
 * able to serve once, whatever becomes of it then. Any thread may call.
 */
@Startup
@ApplicationScoped
public class PoolStartup implements HealthCheck {

  @Inject private BeanManager beans;
  private final StartedPools started = new StartedPools();

  /** For CDI. */
  public PoolStartup() {}

  @Override
  public HealthCheckResponse call() {
    PoolSet pools = beans.getExtension(PythonPoolExtension.class).running();
    if (pools == null) {
      return HealthCheckResponse.named("serpentry")
          .down()
          .withData("status", "the pools do not run")
          .build();
    }
    ProbeFindings findings = new ProbeFindings();
    for (WorkerPool pool : pools.cores()) {
      started.judge(pool, findings);
    }
    return findings.response();
  }
}
