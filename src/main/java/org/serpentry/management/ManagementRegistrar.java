// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.management.MBeanServer;
import org.serpentry.api.Service;
import org.serpentry.config.OperationPolicy;
import org.serpentry.pool.WorkerPool;

/**
 * Registers the MBeans of an application's pools, and takes them all away at its end. A bean that a
 * dead deployment left behind is replaced; where a live one has the name, the application's name
 * gets a suffix here and a warning is logged, since beans must never fail a deployment.
 *
 * <p>Any thread may call. It has one thread of its own from {@link #open} to {@link #close}.
 */
public final class ManagementRegistrar implements AutoCloseable {

  private static final Logger LOG = System.getLogger(ManagementRegistrar.class.getName());

  private final BeanServer server;
  private final Housekeeping housekeeping;
  private final String deployment;
  private final OperationPolicy policy;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Managed> pools = new ArrayDeque<>();
  private volatile BeanNames names;
  private boolean closed;

  private ManagementRegistrar(
      MBeanServer server, BeanNames names, String deployment, OperationPolicy policy) {
    this.server = new BeanServer(server);
    this.names = names;
    this.deployment = deployment;
    this.policy = policy;
    this.housekeeping = new Housekeeping(names.application());
  }

  /**
   * Opens a registrar on the platform's MBean server, for an application outside an EAR.
   *
   * @param application the application's name, without its version; not blank
   * @return the registrar
   */
  public static ManagementRegistrar open(String application) {
    return open(application, "", "", OperationPolicy.ALL);
  }

  /**
   * Opens a registrar on the platform's MBean server.
   *
   * @param application the application's name, without its version; not blank
   * @param module the module's name inside an EAR, else empty
   * @param deployment what tells this deployment from a live one of the same name, and is the same
   *     after a restart, such as its module name; empty for a hash of where its classes lie
   * @param policy what operators may do
   * @return the registrar
   */
  public static ManagementRegistrar open(
      String application, String module, String deployment, OperationPolicy policy) {
    return open(
        ManagementFactory.getPlatformMBeanServer(), application, module, deployment, policy);
  }

  static ManagementRegistrar open(
      MBeanServer server,
      String application,
      String module,
      String deployment,
      OperationPolicy policy) {
    return new ManagementRegistrar(server, new BeanNames(application, module), deployment, policy);
  }

  /**
   * The application's name in the beans' names, with its suffix if it has got one.
   *
   * @return the name
   */
  public String application() {
    return names.application();
  }

  /**
   * Registers the beans of a running pool.
   *
   * @param pool the pool
   * @throws IllegalStateException when the registrar is closed, or a live bean has even the name
   *     with the suffix
   */
  public void register(WorkerPool pool) {
    lock.lock();
    try {
      requireOpen(pool.name());
      PoolManagement management = new PoolManagement(pool, server, housekeeping, policy);
      claim(management);
      pools.push(management);
      management.start();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Registers the bean of a pool that runs no Python.
   *
   * @param pool its name
   * @param adapter what answers, and what chose that
   * @param service tells what answers now; asked by any thread, must not block
   * @throws IllegalStateException as {@link #register(WorkerPool)}
   */
  public void register(String pool, String adapter, Supplier<Service> service) {
    lock.lock();
    try {
      requireOpen(pool);
      Managed management = new AdaptedManagement(pool, adapter, service, server, policy);
      claim(management);
      pools.push(management);
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen(String pool) {
    if (closed) {
      throw new IllegalStateException(
          "The registrar of " + application() + " is closed and takes no pool " + pool);
    }
  }

  /**
   * Registers a bean of a part below that of its pool, until the registrar is closed.
   *
   * @param pool the pool's name
   * @param component the part's name
   * @param type its MXBean interface, with {@link Description}, {@link Impact} and {@link Named}
   * @param bean makes the bean, with the place where its long operations are listed
   * @param <T> the interface
   * @throws IllegalArgumentException when no such pool is registered
   */
  public <T> void component(
      String pool, String component, Class<T> type, Function<LongOperations, T> bean) {
    lock.lock();
    try {
      for (Managed managed : pools) {
        if (managed instanceof PoolManagement management && managed.name().equals(pool)) {
          management.component(component, type, bean.apply(management));
          return;
        }
      }
      throw new IllegalArgumentException(
          "The pool %s has no beans below which %s could be".formatted(pool, component));
    } finally {
      lock.unlock();
    }
  }

  /**
   * The beans of all registered pools that run Python, for who looks from inside.
   *
   * @return in the order of their registration
   */
  public List<PoolBeans> pools() {
    lock.lock();
    try {
      List<PoolBeans> all = new ArrayList<>();
      pools
          .descendingIterator()
          .forEachRemaining(
              managed -> {
                if (managed instanceof PoolManagement management) {
                  all.add(management.beans());
                }
              });
      return all;
    } finally {
      lock.unlock();
    }
  }

  private void claim(Managed management) {
    BeanNames plain = names;
    if (management.claim(plain)) {
      return;
    }
    String pool = management.name();
    BeanNames suffixed = plain.with(suffix());
    if (!management.claim(suffixed)) {
      throw new IllegalStateException(
          "Two live pools are called %s and %s already; set serpentry.application-name"
              .formatted(plain.pool(pool), suffixed.pool(pool)));
    }
    names = suffixed;
    LOG.log(
        Level.WARNING,
        "Another live deployment has the MBean {0}; this one''s are below {1}. Set"
            + " serpentry.application-name to tell them apart.",
        plain.pool(pool),
        suffixed.pool(pool));
  }

  private String suffix() {
    if (!deployment.isEmpty()) {
      return deployment;
    }
    String place = String.valueOf(ManagementRegistrar.class.getProtectionDomain().getCodeSource());
    return Integer.toHexString(place.hashCode());
  }

  /** Takes away every bean and ends the thread. The pools live on. */
  @Override
  public void close() {
    lock.lock();
    try (housekeeping) {
      closed = true;
      closePools();
    } finally {
      lock.unlock();
    }
  }

  /** The newest first. What fails of one pool's beans, the others' must go all the same. */
  private void closePools() {
    if (!pools.isEmpty()) {
      try (Managed beans = pools.pollLast()) {
        closePools();
      }
    }
  }
}
