// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Default;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.BeforeShutdown;
import jakarta.enterprise.inject.spi.DeploymentException;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.ProcessInjectionPoint;
import java.lang.annotation.Annotation;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.serpentry.api.PoolName;
import org.serpentry.api.PythonPool;
import org.serpentry.config.NearestName;
import org.serpentry.ee.PythonPoolExtension;
import org.serpentry.pool.WorkerPool;

/**
 * Makes the {@link DspyPrograms} of the configured pools injectable. A name of no pool fails the
 * deployment. All beans of an application share the programs of a pool.
 *
 * <p>Made and called by the CDI container, by one thread; beans are made by any.
 */
public class DspyExtension implements Extension {

  private final Map<String, String> named = new TreeMap<>();
  private final Map<String, PoolPrograms> made = new ConcurrentHashMap<>();

  void note(@Observes ProcessInjectionPoint<?, DspyPrograms> event) {
    for (Annotation qualifier : event.getInjectionPoint().getQualifiers()) {
      if (qualifier instanceof PoolName name) {
        named.put(name.value(), event.getInjectionPoint().getMember().toString());
      }
    }
  }

  void addPrograms(@Observes AfterBeanDiscovery event, BeanManager beans) {
    Set<String> pools = beans.getExtension(PythonPoolExtension.class).config().pools().keySet();
    named.forEach(
        (pool, place) -> {
          if (!pools.contains(pool)) {
            event.addDefinitionError(
                new DeploymentException(
                    "%s injects the programs of the pool \"%s\", which is not among serpentry.pools=%s; the nearest is %s"
                        .formatted(
                            place,
                            pool,
                            String.join(",", pools),
                            NearestName.of(pool, pools).orElseThrow())));
          }
        });
    boolean first = true;
    for (String pool : pools) {
      PoolName name = PoolName.Literal.of(pool);
      event
          .<DspyPrograms>addBean()
          .id(DspyPrograms.class.getName() + "#" + pool)
          .types(DspyPrograms.class, Object.class)
          .scope(Dependent.class)
          .qualifiers(
              first
                  ? Set.of(Default.Literal.INSTANCE, Any.Literal.INSTANCE, name)
                  : Set.of(Any.Literal.INSTANCE, name))
          .produceWith(instances -> programs(instances, name, beans));
      first = false;
    }
  }

  private DspyPrograms programs(Instance<Object> instances, PoolName qualifier, BeanManager beans) {
    PythonPool pool = instances.select(PythonPool.class, qualifier).get();
    return made.computeIfAbsent(
        pool.name(),
        name -> {
          PythonPoolExtension pools = beans.getExtension(PythonPoolExtension.class);
          WorkerPool core = pools.core(name).orElse(null);
          PoolPrograms programs = PoolPrograms.of(pool, store(core), core);
          pools.manage(
              name,
              "DspyPrograms",
              DspyProgramsMXBean.class,
              operations -> new ProgramsBean(programs, operations));
          return programs;
        });
  }

  /** Beside the states of the pool's sessions; in memory for a pool that keeps none. */
  private static ProgramStore store(WorkerPool core) {
    return core == null
        ? new MemoryProgramStore(MemoryProgramStore.CAPACITY)
        : ProgramStore.in(core.sessions().store(), core.sessions().prefix());
  }

  void end(@Observes BeforeShutdown event) {
    made.values().forEach(PoolPrograms::close);
    made.clear();
  }
}
