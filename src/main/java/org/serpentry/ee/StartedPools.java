// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.serpentry.pool.PoolFigures;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.WorkerPool;

/** Remembers which pools have been able to serve once. Any thread may call. */
final class StartedPools {

  private final Set<String> started = ConcurrentHashMap.newKeySet();

  /** Adds how a pool is now to what a probe finds. */
  void judge(WorkerPool pool, ProbeFindings findings) {
    PoolSnapshot snapshot = pool.control().snapshot();
    Serving serving = Serving.of(pool.config(), snapshot);
    judge(pool.name(), serving, pool.operator().figures(), snapshot.size(), findings);
  }

  /** The same of a pool of which this is known. */
  void judge(String pool, Serving serving, PoolFigures figures, int size, ProbeFindings findings) {
    if (serving.able() || figures.started()) {
      started.add(pool);
    }
    findings.started(pool, started.contains(pool), serving, size);
  }
}
