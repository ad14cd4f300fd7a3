// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import org.serpentry.management.PoolBeans;

/**
 * The application's running pools for who watches them, such as the status page and the metrics.
 * Any thread may call.
 */
@ApplicationScoped
public class WatchedPools {

  @Inject private BeanManager beans;

  /** For CDI. */
  public WatchedPools() {}

  /**
   * The application with its pools.
   *
   * @return empty before they run and after their end
   */
  public Optional<Application> running() {
    PoolSet running = beans.getExtension(PythonPoolExtension.class).running();
    if (running == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Application(
            running.application(),
            running.beans(),
            List.copyOf(running.withoutWorkers().keySet())));
  }

  /**
   * An application.
   *
   * @param name its name over JMX
   * @param pools those that run Python, in the configured order
   * @param withoutWorkers the names of those that do not, since a mock answers
   */
  public record Application(String name, List<PoolBeans> pools, List<String> withoutWorkers) {}
}
