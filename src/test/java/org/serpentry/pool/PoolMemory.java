// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import org.serpentry.attachment.SharedMemory;

/** A look at the memory that a pool shares with its workers. */
public final class PoolMemory {

  private PoolMemory() {}

  /** The pool's. */
  public static SharedMemory of(WorkerPool pool) {
    return pool.context().memory();
  }
}
