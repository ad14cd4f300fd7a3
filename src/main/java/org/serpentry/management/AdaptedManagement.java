// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.function.Supplier;
import javax.management.NotificationBroadcasterSupport;
import javax.management.ObjectName;
import org.serpentry.api.Service;
import org.serpentry.config.OperationPolicy;

/** The one bean of a pool that runs no Python. */
final class AdaptedManagement implements AdaptedPoolMXBean, Managed {

  private final String pool;
  private final String adapter;
  private final Supplier<Service> service;
  private final BeanServer server;
  private final DescribedMBean bean;
  private ObjectName registered; // under the registrar's lock

  AdaptedManagement(
      String pool,
      String adapter,
      Supplier<Service> service,
      BeanServer server,
      OperationPolicy policy) {
    this.pool = pool;
    this.adapter = adapter;
    this.service = service;
    this.server = server;
    this.bean =
        new DescribedMBean(
            this,
            AdaptedPoolMXBean.class,
            new NotificationBroadcasterSupport(),
            new Gate(policy, pool));
  }

  @Override
  public PoolStatus getStatus() {
    return service.get() == Service.NONE ? PoolStatus.CLOSED : PoolStatus.DEGRADED;
  }

  @Override
  public String getStatusReason() {
    return service.get() == Service.NONE
        ? "the pool has been closed"
        : "no Python answers: the adapter " + adapter + " does";
  }

  @Override
  public String getSuggestedAction() {
    return "Unless that is meant, remove adapter and test mode from the configuration.";
  }

  @Override
  public String getServedBy() {
    return service.get().name();
  }

  @Override
  public String getAdapter() {
    return adapter;
  }

  // ---- its life

  @Override
  public String name() {
    return pool;
  }

  @Override
  public boolean claim(BeanNames candidate) {
    ObjectName name = candidate.pool(pool);
    while (!server.register(bean, name)) {
      if (!server.stale(name)) {
        return false;
      }
      server.removeAll(candidate.everythingOf(pool));
    }
    registered = name;
    return true;
  }

  @Override
  public void close() {
    server.unregister(bean, registered);
  }
}
