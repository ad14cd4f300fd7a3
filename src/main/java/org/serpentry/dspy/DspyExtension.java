// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Default;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.AfterDeploymentValidation;
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

/**
 * Makes {@link DspyPrograms} injectable: the default pool's, and those of the pools that injection
 * points name. A name of no pool fails the deployment. All beans of an application share the
 * programs of a pool.
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

  void addPrograms(@Observes AfterBeanDiscovery event) {
    add(event, "default", Default.Literal.INSTANCE);
    for (String pool : named.keySet()) {
      add(event, "#" + pool, PoolName.Literal.of(pool));
    }
  }

  private void add(AfterBeanDiscovery event, String name, Annotation qualifier) {
    event
        .<DspyPrograms>addBean()
        .id(DspyPrograms.class.getName() + name)
        .types(DspyPrograms.class, Object.class)
        .scope(Dependent.class)
        .qualifiers(Set.of(Any.Literal.INSTANCE, qualifier))
        .produceWith(instances -> programs(instances, qualifier));
  }

  private DspyPrograms programs(Instance<Object> instances, Annotation qualifier) {
    PythonPool pool = instances.select(PythonPool.class, qualifier).get();
    return made.computeIfAbsent(
        pool.name(),
        name -> new PoolPrograms(pool, new MemoryProgramStore(MemoryProgramStore.CAPACITY)));
  }

  void check(@Observes AfterDeploymentValidation event, BeanManager beans) {
    named.forEach(
        (pool, place) -> {
          if (beans.getBeans(PythonPool.class, PoolName.Literal.of(pool)).isEmpty()) {
            event.addDeploymentProblem(
                new DeploymentException(
                    "%s injects the programs of the pool \"%s\", which is not among serpentry.pools"
                        .formatted(place, pool)));
          }
        });
  }

  void end(@Observes BeforeShutdown event) {
    made.values().forEach(PoolPrograms::close);
    made.clear();
  }
}
