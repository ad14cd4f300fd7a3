// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.serpentry.api.Health;
import org.serpentry.worker.Worker;

/**
 * Probes workers that have served nothing for a health-check interval, by a call that takes the
 * same way as users' calls: a worker that answers it is healthy, one that does not is unhealthy and
 * meets the ladder. Busy workers are not probed. Everything runs on the reactor.
 */
final class Probes {

  private static final String TARGET = "serpentry:ping";
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final WorkerPool pool;
  private final Map<Long, Long> servedAtLastLook = new HashMap<>();
  private final CallRequest request;

  Probes(WorkerPool pool) {
    this.pool = pool;
    Duration operation = pool.config().operationTimeout();
    this.request =
        new CallRequest(
            TARGET,
            TARGET.getBytes(StandardCharsets.UTF_8),
            List.of(),
            Map.of(),
            Void.class,
            operation.compareTo(LONGEST) < 0 ? operation : LONGEST,
            null,
            0,
            false,
            null,
            null,
            null);
  }

  /** Begins to look, unless the interval is zero. */
  void start() {
    long millis = pool.config().healthCheckInterval().toMillis();
    if (millis > 0) {
      pool.context().reactor().schedule(millis, TimeUnit.MILLISECONDS, this::look);
    }
  }

  private void look() {
    Map<Long, Long> served = new HashMap<>();
    for (Slot slot : pool.crew().slots()) {
      Worker worker = slot.current();
      if (worker != null) {
        served.put(worker.id(), worker.served());
        if (Long.valueOf(worker.served()).equals(servedAtLastLook.get(worker.id()))) {
          probe(worker);
        }
      }
    }
    servedAtLastLook.clear();
    servedAtLastLook.putAll(served);
    start();
  }

  private void probe(Worker worker) {
    if (pool.checkout().withdraw(worker) && worker.machine().tryLease()) {
      AsyncCall call = new AsyncCall(pool, request, Runnable::run);
      call.probe(worker, healthy -> worker.judged(healthy ? Health.HEALTHY : Health.UNHEALTHY));
    }
  }
}
