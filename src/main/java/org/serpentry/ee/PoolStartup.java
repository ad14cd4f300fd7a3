// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Startup;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.WorkerPool;

/**
 * MicroProfile Health's startup of the application's pools: up as soon as each of them has been
 * able to serve once, whatever becomes of it then. Any thread may call.
 */
@Startup
@ApplicationScoped
public class PoolStartup implements HealthCheck {

  @Inject private BeanManager beans;
  private final Set<String> started = ConcurrentHashMap.newKeySet();

  /** For CDI. */
  public PoolStartup() {}

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("serpentry");
    PoolSet pools = beans.getExtension(PythonPoolExtension.class).running();
    if (pools == null) {
      return response.down().withData("status", "the pools do not run").build();
    }
    boolean all = true;
    for (WorkerPool pool : pools.cores()) {
      PoolSnapshot snapshot = pool.control().snapshot();
      Serving serving = Serving.of(pool.config(), snapshot);
      if (serving.able() || pool.operator().figures().started()) {
        started.add(pool.name());
      }
      boolean ready = started.contains(pool.name());
      all &= ready;
      response
          .withData(pool.name() + ".status", ready ? "started" : serving.reason())
          .withData(pool.name() + ".size", snapshot.size());
    }
    return response.status(all).build();
  }
}
