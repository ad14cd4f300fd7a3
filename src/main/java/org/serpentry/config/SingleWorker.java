// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.List;
import java.util.Optional;

/** The settings of the one worker that stands in for a pool that cannot serve. */
public final class SingleWorker {

  private SingleWorker() {}

  /**
   * A pool's settings for one worker: a new interpreter without preloaded modules, and without an
   * environment of its own.
   *
   * @param pool the pool's settings
   * @return the worker's
   */
  public static PoolConfig of(PoolConfig pool) {
    return pool.toBuilder()
        .set(ProcessSettings.REQUIREMENTS, Optional.empty())
        .set(ProcessSettings.WHEELHOUSE, Optional.empty())
        .set(ServiceSettings.FALLBACK, List.of())
        .set(LifeSettings.WATCH_CODE, false)
        .size(1)
        .maxSize(1)
        .start(StartMode.EAGER)
        .startMethod(StartMethod.SPAWN)
        .preload(List.of())
        .build();
  }
}
