// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.spi.PoolListener;
import org.serpentry.worker.Worker;

/**
 * Tells workers that serve already that {@code log-level} has changed; later ones are born with it.
 * Each is told between two of its calls. Everything runs on the reactor.
 */
final class LogLevels implements PoolListener {

  private static final Logger LOG = System.getLogger(LogLevels.class.getName());
  private static final String TARGET = "serpentry:log_level";
  private static final Duration RUN = Duration.ofSeconds(10);

  private final WorkerPool pool;
  private final Crew crew;
  private final Set<Long> unborn = new HashSet<>();

  LogLevels(WorkerPool pool) {
    this.pool = pool;
    this.crew = pool.crew();
  }

  /** The level has changed. */
  void changed() {
    unborn.clear();
    for (Slot slot : crew.slots()) {
      if (slot.current() != null) {
        tell(slot.current());
      }
      if (slot.incoming() != null) {
        unborn.add(slot.incoming().id());
      }
    }
  }

  @Override
  public void onTransition(WorkerRef ref, Transition transition) {
    if (unborn.remove(ref.worker()) && transition.to() == WorkerState.READY) {
      Worker worker = crew.worker(ref.worker());
      if (worker != null) {
        tell(worker);
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what it ends in is handled right here
  private void tell(Worker worker) {
    CallRequest request =
        new CallRequest(
            TARGET,
            TARGET.getBytes(StandardCharsets.UTF_8),
            List.of(pool.config().life().logLevel().number()),
            Map.of(),
            Void.class,
            RUN,
            pool.config().operationTimeout().plus(RUN), // The call that it runs ends by then.
            0,
            true,
            new Errand(worker, pool.context().nanoTime().getAsLong()),
            null,
            null);
    pool.callAsync(request, Runnable::run)
        .whenComplete(
            (nothing, failure) -> {
              if (failure != null) {
                LOG.log(
                    Level.DEBUG,
                    "Worker " + worker.id() + " has not been told the log level",
                    failure);
              }
            });
  }
}
