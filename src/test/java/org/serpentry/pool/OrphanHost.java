// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.file.Path;
import org.serpentry.config.PoolConfig;

/**
 * A JVM of its own with a pool that leaves a daemon behind, for tests that kill it. Prints the pids
 * of launcher, worker and daemon on one line, then waits for its end.
 */
final class OrphanHost {
  private OrphanHost() {}

  public static void main(String[] arguments) throws Exception {
    PoolConfig config = TestPools.config().life(l -> l.runRegistry(Path.of(arguments[0]))).build();
    try (WorkerPool pool = TestPools.start(config)) {
      int daemon = pool.function("faulty:daemon").call(Integer.class);
      PoolSnapshot snapshot = pool.control().snapshot();
      System.out.printf(
          "%d %d %d%n", snapshot.launcherPid(), snapshot.workers().get(0).pid(), daemon);
      System.in.transferTo(System.out);
    }
  }
}
