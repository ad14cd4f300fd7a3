// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.nio.file.Path;
import java.util.List;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.WorkerPool;

/** Pools of a fixed size that run the workload. */
public final class BenchPools {

  private BenchPools() {}

  /**
   * To be started, the workload preloaded.
   *
   * @param name the pool's name
   * @param workers how many, no more and no fewer
   * @return its configuration so far
   */
  public static PoolConfigBuilder of(String name, int workers) {
    return PoolConfig.builder(name).size(workers).maxSize(workers).preload(List.of("workload"));
  }

  /**
   * Starts a pool.
   *
   * @param interpreter its Python
   * @param config its configuration
   * @return the pool, which the caller closes
   */
  public static WorkerPool start(Path interpreter, PoolConfigBuilder config) {
    PoolConfig built = config.build();
    return new PoolBuilder(
            built, BenchPython.setup(interpreter), JsonbCodec.create(false, built.maxNesting()))
        .start();
  }
}
