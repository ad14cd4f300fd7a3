// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import org.serpentry.management.LongOperations;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.SessionStore;

/** The bean of a pool's programs, for tests of all beans. */
public final class ProgramsBeans {
  private ProgramsBeans() {}

  /** A bean of programs that lie in a store. */
  public static DspyProgramsMXBean of(
      WorkerPool pool, SessionStore store, LongOperations operations) {
    return new ProgramsBean(
        PoolPrograms.of(pool, ProgramStore.in(store, "shop/test/"), pool), operations);
  }
}
