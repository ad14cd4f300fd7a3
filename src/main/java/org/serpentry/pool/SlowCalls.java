// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.serpentry.spi.PoolListener.SlowCall;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.Worker;

/**
 * Looks once a second for calls that have run for longer than {@code slow-call-threshold}, and
 * tells of each once. Everything runs on the reactor.
 */
final class SlowCalls {

  private static final long LOOK_MILLIS = 1_000;

  private final PoolContext context;
  private final Crew crew;
  private Set<Long> told = new HashSet<>();
  private boolean looking;

  SlowCalls(PoolContext context, Crew crew) {
    this.context = context;
    this.crew = crew;
  }

  /** Begins to look, where the settings say so now. */
  void start() {
    if (!looking && !context.config().life().slowCallThreshold().isZero()) {
      looking = true;
      context
          .reactor()
          .schedule(
              LOOK_MILLIS,
              TimeUnit.MILLISECONDS,
              () -> {
                looking = false;
                start();
                look();
              });
    }
  }

  private void look() {
    long threshold = WorkerPool.nanos(context.config().life().slowCallThreshold());
    Set<Long> slow = new HashSet<>();
    for (Slot slot : crew.slots()) {
      Worker worker = slot.current();
      if (worker != null && threshold > 0) {
        for (RunningCall call : crew.lanes().allRunning(worker)) {
          long nanos = context.nanoTime().getAsLong() - call.since();
          if (nanos >= threshold && slow.add(call.id()) && !told.contains(call.id())) {
            tell(worker, call, nanos);
          }
        }
      }
    }
    told = slow;
  }

  private void tell(Worker worker, RunningCall call, long nanos) {
    WorkerRef ref = crew.announcer().ref(worker);
    SlowCall event =
        new SlowCall(
            ref,
            call.id(),
            call.target(),
            TimeUnit.NANOSECONDS.toMillis(nanos),
            call.caller(),
            call.session(),
            call.traceparent());
    crew.announcer().tell(l -> l.onSlowCall(event));
  }
}
