// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.Map;
import java.util.function.Consumer;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.spi.PoolListener;
import org.serpentry.spi.PoolListener.PoolEvent;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.telemetry.Listeners;
import org.serpentry.worker.Worker;

/** Tells a pool's listeners what happens to its workers. Stateless; used on the reactor. */
final class Announcer {

  private final String pool;
  private final Listeners listeners;

  Announcer(String pool, Listeners listeners) {
    this.pool = pool;
    this.listeners = listeners;
  }

  /** Moves a worker to another state and tells it. */
  Transition move(Worker worker, WorkerState next, String reason, Map<String, String> metadata) {
    Transition transition = worker.machine().transition(next, reason, metadata);
    WorkerRef ref = ref(worker);
    listeners.tell(l -> l.onTransition(ref, transition));
    return transition;
  }

  WorkerRef ref(Worker worker) {
    return new WorkerRef(pool, worker.slot(), worker.id(), worker.pid());
  }

  void warn(String text) {
    listeners.tell(l -> l.onPoolEvent(new PoolEvent(pool, true, text)));
  }

  void inform(String text) {
    listeners.tell(l -> l.onPoolEvent(new PoolEvent(pool, false, text)));
  }

  void tell(Consumer<PoolListener> event) {
    listeners.tell(event);
  }
}
