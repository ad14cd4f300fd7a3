// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.inject.spi.CDI;
import org.serpentry.pool.WorkerPool;

/** Lets tests in the container look at the pool behind the guard. */
public final class PoolPeek {
  private PoolPeek() {}

  /** The running core of a pool. */
  public static WorkerPool core(String pool) {
    return CDI
        .current()
        .getBeanManager()
        .getExtension(PythonPoolExtension.class)
        .running()
        .cores()
        .stream()
        .filter(core -> core.name().equals(pool))
        .findFirst()
        .orElseThrow();
  }
}
