// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.serpentry.worker.Worker;

/** The first call of a worker that is started to see whether workers live again: a ping. */
final class Trial {

  private static final String TARGET = "serpentry:ping";

  private Trial() {}

  /** Begins the call on a leased worker, which gives itself back; tells whether it succeeded. */
  static void begin(WorkerPool pool, Worker leased, Consumer<Boolean> verdict) {
    Duration operation = pool.config().operationTimeout();
    Duration probe = pool.config().life().healthCheckTimeout();
    CallRequest request =
        new CallRequest(
            TARGET,
            TARGET.getBytes(StandardCharsets.UTF_8),
            List.of(),
            Map.of(),
            Void.class,
            operation.compareTo(probe) < 0 ? operation : probe,
            null,
            0,
            false,
            null,
            null,
            null);
    new AsyncCall(pool, request, Runnable::run).probe(leased, verdict);
  }
}
