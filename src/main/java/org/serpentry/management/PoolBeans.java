// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.List;
import java.util.function.Supplier;
import org.serpentry.pool.WorkerPool;

/**
 * What JMX shows of a pool, for who looks from inside the server: the same attributes, without the
 * way through an MBean server. Any thread may read; nobody asks {@code management.operations} on
 * this way, so the bean's operations are not for it.
 *
 * @param pool the pool
 * @param bean its bean
 * @param workers the beans of its slots as they are at the moment, by their number
 */
public record PoolBeans(
    WorkerPool pool, PythonPoolMXBean bean, Supplier<List<PythonWorkerMXBean>> workers) {

  /**
   * The pool's name.
   *
   * @return as configured
   */
  public String name() {
    return pool.name();
  }
}
