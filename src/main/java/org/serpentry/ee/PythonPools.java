// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.concurrent.ContextService;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.serpentry.api.EnvironmentException;
import org.serpentry.api.ErrorContext;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.WorkerPool;

/**
 * Owns the pools of the application and their life: starts them with it, and stops them with it.
 * Concurrency and transactions are its own business, that is, there are none; calls to Python do
 * not pass through it.
 */
@Singleton
@Startup
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
@TransactionManagement(TransactionManagementType.BEAN)
public class PythonPools {

  private static final Logger LOG = System.getLogger(PythonPools.class.getName());

  @Inject private BeanManager beans;
  @Inject @Any private Instance<Object> instances;
  @Resource private ManagedExecutorService executor;
  @Resource private ContextService contextService;

  @Resource(lookup = "java:app/AppName")
  private String applicationName;

  @Resource(lookup = "java:module/ModuleName")
  private String moduleName;

  private PythonPoolExtension extension;
  private PoolSet pools;
  private ScheduledThreadPoolExecutor timers;
  private final List<AsyncGuard> asyncGuards = new ArrayList<>();

  /** For the container. */
  public PythonPools() {}

  @PostConstruct
  void start() {
    extension = beans.getExtension(PythonPoolExtension.class);
    Map<String, Class<?>> guards = extension.guards();
    if (!guards.isEmpty()) {
      requireFaultTolerance(guards.keySet().iterator().next());
    }
    ClassLoader application = PythonPools.class.getClassLoader();
    CallerContexts contexts = new CallerContexts(executor, contextService, application);
    timers = timers(application);
    pools =
        PoolSet.start(
            extension.config(),
            ApplicationId.of(applicationName, moduleName),
            application,
            SessionPeers.of(instances),
            contexts::capture,
            core -> path(core, guards.get(core.name()), contexts));
    extension.running(pools);
  }

  private CallPath path(WorkerPool core, Class<?> guard, CallerContexts contexts) {
    if (guard == null) {
      core.control().resilience().breakCircuits();
      return new CorePath(core, contexts);
    }
    PoolGuard bean = (PoolGuard) instances.select(guard).get();
    Config config = ConfigProvider.getConfig();
    AsyncGuard async =
        new AsyncGuard(
            core::callAsync,
            core::config,
            GuardSettings.ofCallAsync(config, core.config()),
            core.control()::counts,
            contexts::capture,
            contexts.application(),
            timers);
    asyncGuards.add(async);
    return new GuardedPath(core, bean, GuardSettings.ofCall(config, core.config()), async);
  }

  // Its one thread starts with the first asynchronous call.
  private static ScheduledThreadPoolExecutor timers(ClassLoader application) {
    ScheduledThreadPoolExecutor timers =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(null, task, "serpentry-timeouts", 0, false);
              thread.setContextClassLoader(application);
              thread.setDaemon(true);
              return thread;
            });
    timers.setRemoveOnCancelPolicy(true);
    return timers;
  }

  private void requireFaultTolerance(String pool) {
    Instance<FaultToleranceProbe> probe = instances.select(FaultToleranceProbe.class);
    if (!probe.isResolvable() || !FaultToleranceProbe.inForce(probe.get())) {
      throw new EnvironmentException(
          ErrorContext.ofPool(pool),
          """
          fault-tolerance=microprofile, but this server does not apply MicroProfile Fault Tolerance: \
          its annotations are silently ignored. On WildFly the subsystem \
          microprofile-fault-tolerance-smallrye is missing from the configuration; add it and its \
          kin by `bin/jboss-cli.sh --file=docs/examples/enable-microprofile.cli \
          -Dconfig=standalone-full.xml` (with the name of the configuration in use) and restart, or \
          let the pool do without: serpentry.pool.%s.fault-tolerance=core"""
              .formatted(pool),
          null);
    }
  }

  /** Returns when the pools run: a call of this bean makes the container start it. */
  public void requireStarted() {
    LOG.log(Level.DEBUG, "The pools run");
  }

  @PreDestroy
  void stop() {
    // Not from the bean manager: Payara has ended it by now.
    extension.running(null);
    try {
      pools.close();
    } finally {
      asyncGuards.forEach(AsyncGuard::close);
      timers.shutdownNow();
    }
  }
}
