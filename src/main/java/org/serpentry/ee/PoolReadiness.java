// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.util.Locale;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;
import org.serpentry.api.Service;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.WorkerPool;

/**
 * MicroProfile Health's readiness of the application's pools, from what their last call or probe
 * told of each worker; nothing is sent to Python. It is down when any pool has no worker that can
 * serve. Any thread may call.
 */
@Readiness
@ApplicationScoped
public class PoolReadiness implements HealthCheck {

  @Inject private BeanManager beans;

  /** For CDI. */
  public PoolReadiness() {}

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("serpentry");
    PoolSet pools = beans.getExtension(PythonPoolExtension.class).running();
    if (pools == null) {
      return response.down().withData("status", "the pools do not run").build();
    }
    boolean ready = true;
    for (WorkerPool pool : pools.cores()) {
      PoolSnapshot snapshot = pool.control().snapshot();
      Serving serving = Serving.of(pool.config(), snapshot);
      ready &= serving.able();
      describe(response, pool.name() + ".", snapshot, serving);
    }
    pools
        .withoutWorkers()
        .forEach(
            (name, pool) -> {
              response.withData(name + ".status", "degraded: a mock answers");
              response.withData(name + ".service", text(pool.service()));
            });
    return response.status(ready).build();
  }

  private static String text(Service service) {
    return service.name().toLowerCase(Locale.ROOT);
  }

  private static void describe(
      HealthCheckResponseBuilder response, String prefix, PoolSnapshot snapshot, Serving serving) {
    response.withData(prefix + "status", serving.reason());
    snapshot
        .states()
        .forEach(
            (state, count) -> {
              if (count > 0) {
                response.withData(prefix + state.name().toLowerCase(Locale.ROOT), count);
              }
            });
    response.withData(prefix + "waiting", snapshot.waiting());
    response.withData(prefix + "service", text(snapshot.services().service()));
    if (!snapshot.fault().isEmpty()) {
      response.withData(prefix + "fault", snapshot.fault());
    }
  }
}
