// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.serpentry.api.AbandonedCallException;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonPoolException;
import org.serpentry.protocol.Frame;
import org.serpentry.spi.PoolListener.RecycleReason;
import org.serpentry.telemetry.CallRecording;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.RunningCall.Origin;
import org.serpentry.worker.Worker;

/**
 * The workers with several places, and the synchronous way of a call on one. With {@code
 * calls-per-worker} 1 there are none, and calls never come here.
 *
 * <p>{@link #call}, {@link #send} and {@link #running} may be called by any thread, everything else
 * by the reactor.
 */
final class Lanes {

  private final PoolContext context;
  private final Crew crew;
  private final Checkout checkout;
  private final Failures failures;
  private final Map<Long, Lane> lanes = new ConcurrentHashMap<>();

  Lanes(PoolContext context, Crew crew, Checkout checkout, Failures failures) {
    this.context = context;
    this.crew = crew;
    this.checkout = checkout;
    this.failures = failures;
  }

  /** A worker has shaken hands. Called before it is given to anybody. */
  void arrived(Worker worker) {
    if (worker.machine().places() > 1) {
      Lane lane = new Lane(context, crew, failures, worker);
      lanes.put(worker.id(), lane);
      worker.onExit(() -> lanes.remove(worker.id()));
      lane.open();
    }
  }

  /** Ends all calls because the pool is being closed. */
  void close() {
    lanes.values().forEach(Lane::close);
  }

  void dumped(long worker, String stacks) {
    Lane lane = lanes.get(worker);
    if (lane != null) {
      lane.dumped(stacks);
    }
  }

  /** A call on a worker is stuck: the worker takes no new ones, and another takes its slot. */
  void replace(Worker worker) {
    if (worker.retiring()) {
      return;
    }
    crew.recoverer().abandoned(worker, "a call on it would not end");
    Slot slot = crew.slot(worker.slot());
    if (slot != null && slot.current() == worker) {
      crew.turnover().recycle(slot, RecycleReason.demanded("stuck call"));
    }
    worker.retire();
    checkout.withdraw(worker);
  }

  /** The call that a worker has run for the longest time, or null. */
  RunningCall running(Worker worker) {
    Lane lane = lanes.get(worker.id());
    SharedCall oldest = lane == null ? null : lane.oldest();
    return oldest == null ? worker.running() : oldest.running();
  }

  /** All calls that a worker runs, the longest running first. */
  List<RunningCall> allRunning(Worker worker) {
    Lane lane = lanes.get(worker.id());
    if (lane != null) {
      return lane.running();
    }
    RunningCall only = worker.running();
    return only == null ? List.of() : List.of(only);
  }

  /** Sends a call to the worker on which it has a place. */
  void send(SharedCall call, byte[] payload, long deadline) {
    Lane lane = lanes.get(call.worker().id());
    if (lane != null) {
      try {
        lane.send(
            call,
            call.pool().encoder().frame(call.request(), call.id(), payload, call.worker()),
            deadline);
      } catch (RuntimeException | Error e) { // Nothing has been sent: the worker is as it was.
        if (call.claim()) {
          call.ended(Outcome.CANCELLED);
          call.pool().giveBack(call.worker());
          call.broke(e);
        }
      }
    } else if (call.claim()) { // It died after it was leased.
      call.ended(Outcome.WORKER_FAILURE);
      call.fail(
          () ->
              failures.crashed(
                  call.request(), call.worker(), call.id(), call.worker().awaitExit(0)));
    }
  }

  /** Gives a call up for an operator; false when it does not run on a place of that worker. */
  boolean abort(Worker worker, long requestId) {
    Lane lane = lanes.get(worker.id());
    return lane != null && lane.abort(requestId);
  }

  /** Sends a worker a ready-made frame, if it still lives. */
  void tell(Worker worker, byte[] frame) {
    Lane lane = lanes.get(worker.id());
    if (lane != null) {
      lane.tell(frame);
    }
  }

  /** A call has been given up by its caller. */
  void giveUp(SharedCall call, AbandonedCallException failure) {
    call.worker().memory().results().abandon(call.id());
    Lane lane = lanes.get(call.worker().id());
    if (lane == null) {
      return;
    }
    if (failure instanceof CallTimeoutException) {
      crew.recoverer()
          .timedOut(
              call.worker(), call.begin(), failure.getMessage(), () -> lane.giveUp(call, failure));
    } else {
      lane.giveUp(call, failure);
    }
  }

  // ---- the synchronous way

  /** Runs a call on a place leased for it; the calling thread waits for its end. */
  Object call(
      WorkerPool pool,
      CallRequest request,
      byte[] payload,
      Worker worker,
      long begin,
      long deadline,
      long queued,
      CallRecording recording) {
    SharedCall.Parked call;
    try {
      Thread thread = Thread.currentThread();
      Origin origin =
          pool.operator().slowCalls().origin(request, thread, null, queued, payload.length);
      call = new SharedCall.Parked(pool, request, worker, begin, origin);
    } catch (RuntimeException | Error e) {
      pool.giveBack(worker);
      throw e;
    }
    recording.sends(call.id());
    send(call, payload, deadline);
    Object end = call.await(deadline);
    recording.decodes();
    if (end instanceof Frame reply) {
      return pool.replies().value(request, worker, reply);
    }
    if (end != null) {
      throw failure(end);
    }
    if (Thread.currentThread().isInterrupted()) {
      CallCancelledException failure =
          failures.cancelled(request, worker, call.id(), "its thread's interrupt");
      call.ended(Outcome.CANCELLED);
      context.reactor().execute(() -> giveUp(call, failure));
      throw failure;
    }
    CallTimeoutException failure =
        failures.timedOut(request, worker, call.id(), pool.timeoutOf(request));
    call.ended(Outcome.TIMED_OUT);
    context.reactor().execute(() -> giveUp(call, failure));
    throw failure;
  }

  /** What a call has ended with that has no reply. Throws it when it is an error. */
  static RuntimeException failure(Object end) {
    if (end instanceof Error error) {
      throw error;
    }
    return end instanceof RuntimeException thrown
        ? thrown
        : (PythonPoolException) ((Supplier<?>) end).get();
  }
}
