// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import java.util.Optional;
import org.serpentry.api.PythonPool;
import org.serpentry.mock.MockPool;
import org.serpentry.mock.MockScript;
import org.serpentry.pool.CallPath;
import org.serpentry.pool.WorkerPool;

/**
 * An open pool of an adapter's.
 *
 * @param adapter the adapter's name
 * @param pool what users get
 * @param path the way of its calls
 * @param workers the pool of workers behind it, when there is one
 * @param script what answers, when that is no Python
 * @param closing ends it
 */
public record AdaptedPool(
    String adapter,
    PythonPool pool,
    CallPath path,
    Optional<WorkerPool> workers,
    Optional<MockScript> script,
    Runnable closing)
    implements AutoCloseable {

  /**
   * A pool of workers.
   *
   * @param adapter the adapter's name
   * @param pool the pool
   * @param script what answers its calls, when that is no Python
   * @return the open pool
   */
  public static AdaptedPool of(String adapter, WorkerPool pool, Optional<MockScript> script) {
    return new AdaptedPool(adapter, pool, pool, Optional.of(pool), script, pool::close);
  }

  /**
   * A pool without workers.
   *
   * @param adapter the adapter's name
   * @param pool the pool
   * @return the open pool
   */
  public static AdaptedPool of(String adapter, MockPool pool) {
    return new AdaptedPool(
        adapter, pool, pool.path(), Optional.empty(), Optional.of(pool.script()), pool::close);
  }

  /** Ends it and all that it has started. */
  @Override
  public void close() {
    closing.run();
  }
}
