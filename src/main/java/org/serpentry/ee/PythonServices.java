// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.serpentry.api.PythonPool;
import org.serpentry.api.Service;

/**
 * Tells what answers the calls of each pool, at any time of the application's life: {@link
 * Service#NONE} before the pools have been started and after they have been closed. Asking starts
 * nothing. Any thread may call.
 */
@ApplicationScoped
public class PythonServices {

  @Inject private BeanManager beans;

  /** For CDI. */
  public PythonServices() {}

  /**
   * What answers the calls of every configured pool.
   *
   * @return by the pool's name, in the configured order
   */
  public Map<String, Service> services() {
    PythonPoolExtension extension = beans.getExtension(PythonPoolExtension.class);
    PoolSet running = extension.running();
    Map<String, Service> services = new LinkedHashMap<>();
    for (String name : extension.config().pools().keySet()) {
      PythonPool pool = running == null ? null : running.pool(name);
      services.put(name, pool == null ? Service.NONE : pool.service());
    }
    return services;
  }

  /**
   * What answers the calls of one pool.
   *
   * @param pool its name
   * @return {@link Service#NONE} also for a name of no pool
   */
  public Service of(String pool) {
    return services().getOrDefault(pool, Service.NONE);
  }
}
