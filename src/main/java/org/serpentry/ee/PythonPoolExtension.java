// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Default;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.BeforeBeanDiscovery;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.enterprise.inject.spi.ProcessInjectionPoint;
import java.lang.annotation.Annotation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.eclipse.microprofile.config.ConfigProvider;
import org.serpentry.api.PoolName;
import org.serpentry.api.PythonPool;
import org.serpentry.config.ApplicationConfig;
import org.serpentry.config.ConfigException;
import org.serpentry.config.FaultToleranceMode;
import org.serpentry.config.NearestName;
import org.serpentry.config.PoolConfig;
import org.serpentry.ee.guard.GuardClasses;
import org.serpentry.management.LongOperations;
import org.serpentry.pool.WorkerPool;

/**
 * Makes the configured pools injectable, and the settings themselves. At deployment it reads the
 * settings, defines a guard class for each pool that wants one, and refuses an injection point that
 * names no pool. What is injected is a plain object without a client proxy; the pools themselves
 * are started by {@link PythonPools}.
 *
 * <p>Made and called by the CDI container, by one thread.
 */
public class PythonPoolExtension implements Extension {

  private final Map<String, Class<?>> guards = new LinkedHashMap<>();
  private final Set<String> unknown = new TreeSet<>();
  private ApplicationConfig config;
  private volatile PoolSet running;

  void readSettings(@Observes BeforeBeanDiscovery event, BeanManager beans) {
    config = ServerConfig.read();
    event.addQualifier(PoolName.class);
    for (PoolConfig pool : config.pools().values()) {
      if (guarded(pool)) {
        GuardSettings settings = GuardSettings.ofCall(ConfigProvider.getConfig(), pool);
        Class<?> guard = GuardClasses.define(pool, settings.timeoutEnabled());
        guards.put(pool.name(), guard);
        event.addAnnotatedType(beans.createAnnotatedType(guard), guard.getName());
      }
    }
  }

  private static boolean guarded(PoolConfig pool) {
    return pool.faultTolerance() == FaultToleranceMode.MICROPROFILE
        && !ServerConfig.faultToleranceTurnedOff();
  }

  void check(@Observes ProcessInjectionPoint<?, PythonPool> event) {
    InjectionPoint point = event.getInjectionPoint();
    for (Annotation qualifier : point.getQualifiers()) {
      if (qualifier instanceof PoolName named && !config.pools().containsKey(named.value())) {
        unknown.add(
            "%s injects the pool \"%s\", which is not among serpentry.pools=%s; the nearest is %s"
                .formatted(
                    point.getMember().getDeclaringClass().getName()
                        + "."
                        + point.getMember().getName(),
                    named.value(),
                    String.join(",", config.pools().keySet()),
                    NearestName.of(named.value(), config.pools().keySet()).orElseThrow()));
      }
    }
  }

  void addPools(@Observes AfterBeanDiscovery event, BeanManager beans) {
    if (!unknown.isEmpty()) {
      event.addDefinitionError(new ConfigException(List.copyOf(unknown)));
      return;
    }
    event
        .<ApplicationConfig>addBean()
        .id(ApplicationConfig.class.getName())
        .types(ApplicationConfig.class)
        .scope(Dependent.class)
        .produceWith(instance -> config);
    boolean first = true;
    for (String pool : config.pools().keySet()) {
      event
          .<PythonPool>addBean()
          .id(PythonPool.class.getName() + "#" + pool)
          .types(PythonPool.class, Object.class)
          .scope(Dependent.class)
          .qualifiers(
              first
                  ? Set.of(
                      Default.Literal.INSTANCE, Any.Literal.INSTANCE, PoolName.Literal.of(pool))
                  : Set.of(Any.Literal.INSTANCE, PoolName.Literal.of(pool)))
          .produceWith(instance -> running(instance).pool(pool));
      first = false;
    }
  }

  // A bean of the application may come before the container has started ours.
  private PoolSet running(Instance<Object> instances) {
    if (running == null) {
      instances.select(PythonPools.class).get().requireStarted();
    }
    return running;
  }

  /** Tells what runs now; null when nothing does any more. */
  void running(PoolSet pools) {
    running = pools;
  }

  /**
   * Shows a part of a running pool over JMX, until the pools end. Without running pools nothing
   * happens.
   *
   * @param pool the pool's name
   * @param component the part's name
   * @param type its MXBean interface
   * @param bean makes it, with the place where its long operations are listed
   * @param <T> the interface
   */
  public <T> void manage(
      String pool, String component, Class<T> type, Function<LongOperations, T> bean) {
    PoolSet pools = running;
    if (pools != null) {
      pools.manage(pool, component, type, bean);
    }
  }

  /**
   * The core of a running pool.
   *
   * @param pool the pool's name
   * @return the core; empty when it has no workers, or does not run
   */
  public Optional<WorkerPool> core(String pool) {
    PoolSet pools = running;
    return pools == null
        ? Optional.empty()
        : pools.cores().stream().filter(core -> core.name().equals(pool)).findFirst();
  }

  /** What runs; null before the start and after the end. */
  PoolSet running() {
    return running;
  }

  /** The settings, read once; null until bean discovery begins. */
  public ApplicationConfig config() {
    return config;
  }

  /** The guard's class of each guarded pool. */
  Map<String, Class<?>> guards() {
    return guards;
  }
}
