// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.serpentry.config.PoolConfig;
import org.serpentry.worker.Worker;

/**
 * What the first worker of new code must do before it may serve: answer a ping, which takes the way
 * of users' calls, and the health-check function when there is one. Used on the reactor.
 */
final class Canary {

  private static final String PING = "serpentry:ping";

  private final WorkerPool pool;

  Canary(WorkerPool pool) {
    this.pool = pool;
  }

  /**
   * Tries a worker that is ready and that nobody else may get; it is left ready, or dying.
   *
   * @param outcome takes null when it is good, else why not
   */
  void tryOut(Worker worker, Consumer<Throwable> outcome) {
    PoolConfig config = pool.config();
    Deque<String> left = new ArrayDeque<>(List.of(PING));
    if (!config.life().healthCheckFunction().isEmpty()) {
      left.add(config.life().healthCheckFunction());
    }
    next(worker, left, config.life().healthCheckTimeout(), outcome);
  }

  private void next(
      Worker worker, Deque<String> left, Duration timeout, Consumer<Throwable> outcome) {
    if (left.isEmpty()) {
      outcome.accept(null);
    } else if (worker.machine().tryLease()) {
      AsyncCall call = new AsyncCall(pool, CallRequest.probe(left.poll(), timeout), Runnable::run);
      call.tryOut(
          worker,
          failure -> {
            if (failure == null && worker.machine().tryRelease()) {
              next(worker, left, timeout, outcome);
            } else {
              outcome.accept(failure != null ? failure : ended());
            }
          });
    } else {
      outcome.accept(ended());
    }
  }

  private static Throwable ended() {
    return new IllegalStateException("it ended while it was tried");
  }
}
