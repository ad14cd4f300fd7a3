// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.function.LongSupplier;
import org.serpentry.api.Outcome;
import org.serpentry.spi.PoolListener.CallEnd;
import org.serpentry.worker.Worker;

/**
 * Takes account of the ends of leases: counts and measures each, and tells the listeners. What is
 * thrown here is reported and never reaches the call, whose worker must still be given back. Any
 * thread may call.
 */
final class LeaseEnds {

  private final PoolContext context;
  private final Crew crew;
  private final CallCounters counters;
  private final Measures measures;
  private final LongSupplier nanoTime;

  LeaseEnds(PoolContext context, Crew crew, CallCounters counters, Measures measures) {
    this.context = context;
    this.crew = crew;
    this.counters = counters;
    this.measures = measures;
    this.nanoTime = context.nanoTime();
  }

  /** A lease has ended; its worker, unless the ladder has it, is idle from now on. */
  void ended(Worker worker, long id, CallRequest request, long begin, Outcome outcome) {
    boolean called = !(request.session() instanceof Errand); // Else it is the pool's own.
    long nanos = called ? nanoTime.getAsLong() - begin : 0;
    if (called) {
      count(worker, id, request, outcome, nanos);
    }
    // Afterwards: while a slow call runs, it is known who has told of it.
    if (outcome != Outcome.TIMED_OUT && outcome != Outcome.CANCELLED) {
      worker.idle();
    }
    if (called && context.listeners().anyOfCalls()) {
      tell(worker, id, request, outcome, nanos);
    }
  }

  private void count(Worker worker, long id, CallRequest request, Outcome outcome, long nanos) {
    try {
      counters.ended(worker, outcome);
      measures.ended(worker, id, request, nanos);
    } catch (RuntimeException | Error e) {
      context.reactor().report(e);
    }
  }

  private void tell(Worker worker, long id, CallRequest request, Outcome outcome, long nanos) {
    try {
      CallEnd end = new CallEnd(crew.announcer().ref(worker), id, request.target(), outcome, nanos);
      context.listeners().tellCallEnd(end);
    } catch (RuntimeException | Error e) {
      context.reactor().report(e);
    }
  }
}
