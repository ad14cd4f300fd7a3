// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.serpentry.management.PoolBeans;
import org.serpentry.management.PythonPoolMXBean;

/**
 * The numbers that JMX shows of a pool, as meters of any Micrometer registry. Each reads the bean
 * when the registry asks, so calls to Python pay nothing for it. A registry that outlives the pool,
 * as a server's own does, must be rid of them by {@link #close} when the application ends. Any
 * thread may call.
 */
public final class PoolMeters implements MeterBinder, AutoCloseable {

  private record Bound(MeterRegistry registry, Meter meter) {}

  private final PoolBeans pool;
  private final Tags common;
  private final Queue<Bound> bound = new ConcurrentLinkedQueue<>();

  /**
   * Meters of one pool.
   *
   * @param application what their tag {@code application} says
   * @param pool the pool; its name is their tag {@code pool}
   */
  public PoolMeters(String application, PoolBeans pool) {
    this.pool = pool;
    this.common = Tags.of("application", application, "pool", pool.name());
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    PythonPoolMXBean bean = pool.bean();
    for (PoolMeter meter : PoolMeter.ALL) {
      Tags tags = common.and(meter.tags());
      if (meter.counter()) {
        keep(
            registry,
            FunctionCounter.builder(meter.name(), bean, meter.value())
                .description(meter.description())
                .tags(tags)
                .register(registry));
      } else {
        keep(
            registry,
            Gauge.builder(meter.name(), bean, meter.value())
                .description(meter.description())
                .baseUnit(meter.unit())
                .tags(tags)
                .strongReference(true)
                .register(registry));
      }
    }
  }

  private void keep(MeterRegistry registry, Meter meter) {
    bound.add(new Bound(registry, meter));
  }

  /** Takes the meters away from every registry that they were bound to; once is enough. */
  @Override
  public void close() {
    for (Bound each = bound.poll(); each != null; each = bound.poll()) {
      each.registry().remove(each.meter());
    }
  }
}
