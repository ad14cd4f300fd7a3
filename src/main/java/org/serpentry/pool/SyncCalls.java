// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.FailureKind;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonPoolException;
import org.serpentry.protocol.Frame;
import org.serpentry.telemetry.CallRecording;
import org.serpentry.transport.ExchangeException;
import org.serpentry.transport.OutgoingCall;
import org.serpentry.worker.RunningCall.Origin;
import org.serpentry.worker.Worker;

/**
 * The synchronous way of a call: the calling thread waits for a worker, writes the request and
 * reads the reply itself. Any thread calls, and blocks for at most checkout timeout plus operation
 * timeout.
 */
final class SyncCalls {

  private static final long EXIT_REPORT_MILLIS = 1_000;

  private final WorkerPool pool;
  private final LongSupplier nanoTime;
  private final Checkout checkout;
  private final Failures failures;
  private final Replies replies;
  private final CallEncoder encoder;
  private final CallCounters counters;
  private final Retries.Policy policy;
  private final Circuits circuits;
  private final SessionCalls sessionCalls;

  SyncCalls(WorkerPool pool) {
    this.pool = pool;
    this.nanoTime = pool.context().nanoTime();
    this.checkout = pool.checkout();
    this.failures = pool.failures();
    this.replies = pool.replies();
    this.encoder = pool.encoder();
    this.counters = pool.counters();
    this.policy = pool.retryPolicy();
    this.circuits = pool.circuits();
    this.sessionCalls = new SessionCalls(pool, this);
  }

  /** Runs a call on the calling thread. */
  Object call(CallRequest request) {
    CallRecording recording = request.recording(pool.name());
    if (recording == CallRecording.NONE) {
      return call(request, recording);
    }
    Throwable failure = null;
    try {
      return call(request, recording);
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    } finally {
      recording.ended(failure);
    }
  }

  private Object call(CallRequest request, CallRecording recording) {
    return request.session() == null
        ? attempts(request, recording)
        : sessionCalls.call(request, recording);
  }

  /** Runs a call that may begin at once. */
  Object attempts(CallRequest request, CallRecording recording) {
    byte[] payload = null;
    Retries retries = new Retries(request, policy);
    if (request.route() != null) {
      retries.began(request.route().since());
    }
    Circuits.Pass pass = null;
    while (true) {
      try {
        if (payload == null) {
          recording.encodes();
          payload = encoder.encode(request);
        }
        pass = pass == null ? circuits.admit(request) : pass;
        recording.queues();
        Worker worker = checkOut(request, retries);
        Object value = attempt(request, payload, worker, retries, recording);
        circuits.succeeded(request, pass);
        return value;
      } catch (PythonPoolException e) {
        long pause = retries.pauseAfter(e, nanoTime.getAsLong());
        if (pause == Retries.NONE) {
          return failedForGood(request, pass, e, recording);
        }
        counters.retried();
        pause(pause);
      } catch (RuntimeException | Error e) {
        circuits.gaveUp(request, pass);
        throw e;
      }
    }
  }

  /** Ends a call that is not tried again: in what its fallback answers, or in the failure. */
  Object failedForGood(
      CallRequest request,
      Circuits.Pass pass,
      PythonPoolException failure,
      CallRecording recording) {
    recording.ended(failure); // Whatever its fallback, which is the caller's own, makes of it.
    pool.failedForGood(request, pass, failure);
    return orFallback(request, failure);
  }

  /** Answers a call that failed for good. Its session, if any, is others' from then on. */
  static Object orFallback(CallRequest request, PythonPoolException failure) {
    if (request.route() != null) {
      request.route().over();
    }
    if (request.fallback() == null) {
      throw failure;
    }
    return request.fallback().apply(failure);
  }

  private static void pause(long nanos) {
    if (nanos > 0) {
      LockSupport.parkNanos(nanos);
    }
  }

  private Worker checkOut(CallRequest request, Retries retries) {
    if (Thread.currentThread().isInterrupted()) {
      throw failures.interrupted(request);
    }
    Route route = request.route();
    Worker worker = route == null ? checkout.poll() : route.poll(checkout);
    return worker != null ? worker : waitForWorker(request, route, retries);
  }

  private Worker waitForWorker(CallRequest request, Route route, Retries retries) {
    long now = nanoTime.getAsLong();
    long since = route == null ? now : now - route.spent(now);
    long patience = retries.patience(pool.patienceOf(request), since);
    Waiter waiter = new Waiter.Parked(since, route == null ? null : route.wanted());
    if (!checkout.enqueue(waiter)) {
      counters.rejected();
      throw failures.queueFull(request, pool.config().queueCapacity(), pool.control().counts());
    }
    Object outcome = checkout.await(waiter, since + patience);
    retries.waited(nanoTime.getAsLong() - since);
    if (outcome instanceof Worker worker) {
      return worker;
    }
    if (outcome == Waiter.WORKER_LEFT) {
      return checkOut(
          request, retries); // The session's worker has gone; there may be another for it.
    }
    if (outcome instanceof PythonPoolException failure) {
      // Made on another thread: this thread's own stack is what the caller needs.
      failure.setStackTrace(Thread.currentThread().getStackTrace());
      throw failure;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw failures.interrupted(request);
    }
    counters.checkoutTimedOut();
    throw failures.checkoutTimedOut(request, Duration.ofNanos(patience), pool.control().counts());
  }

  /** Runs one attempt on a leased worker. Its lease has ended afterwards, whatever is thrown. */
  private Object attempt(
      CallRequest request,
      byte[] payload,
      Worker worker,
      Retries retries,
      CallRecording recording) {
    long begin;
    long deadline;
    try {
      recording.runsOn(worker.slot(), worker.id());
      if (request.route() != null) {
        request.route().assigned(worker);
      }
      begin = nanoTime.getAsLong();
      deadline = retries.deadline(pool.timeoutOf(request), begin);
    } catch (RuntimeException | Error e) {
      pool.giveBack(worker);
      throw e;
    }
    if (deadline - begin <= 0) {
      throw pool.tooLate(request, worker, begin);
    }
    long queued = retries.queued();
    return worker.machine().places() > 1
        ? pool.crew()
            .lanes()
            .call(pool, request, payload, worker, begin, deadline, queued, recording)
        : run(request, payload, worker, begin, deadline, queued, recording);
  }

  private Object run(
      CallRequest request,
      byte[] payload,
      Worker worker,
      long begin,
      long deadline,
      long queued,
      CallRecording recording) {
    long id = pool.nextRequestId();
    Thread thread = Thread.currentThread();
    OutgoingCall call;
    try {
      Origin origin =
          pool.operator().slowCalls().origin(request, thread, null, queued, payload.length);
      worker.begin(request.running(id, begin, thread.getName(), origin));
      call = encoder.frame(request, id, payload, worker);
    } catch (RuntimeException | Error e) { // Nothing has been sent: the worker is as it was.
      pool.ended(worker, id, request, begin, Outcome.CANCELLED);
      worker.idle(); // Afterwards: it may have been told of as slow.
      pool.giveBack(worker);
      throw e;
    }
    recording.sends(id);
    Frame reply;
    try {
      reply = worker.exchange(call, deadline);
    } catch (ExchangeException e) {
      throw failed(request, worker, id, begin, e);
    } catch (RuntimeException | Error e) {
      // No memory for the reply, for example. What is left on the connection cannot be told.
      pool.ended(worker, id, request, begin, Outcome.WORKER_FAILURE);
      condemn(worker, FailureKind.REPLY_LOST, "its reply was lost: " + e);
      throw e;
    }
    recording.decodes();
    Outcome outcome = replies.outcome(reply);
    if (outcome == Outcome.WORKER_FAILURE) {
      pool.ended(worker, id, request, begin, outcome);
      condemn(worker, FailureKind.MALFORMED_REPLY, "it sent a " + reply.kind());
      throw failures.malformed(request, worker, id, replies.unexpected(reply));
    }
    worker.answered();
    pool.ended(worker, id, request, begin, outcome);
    pool.giveBack(worker);
    return replies.value(request, worker, reply);
  }

  private PythonPoolException failed(
      CallRequest request, Worker worker, long id, long begin, ExchangeException e) {
    switch (e.reason()) {
      case DEADLINE -> {
        CallTimeoutException failure =
            failures.timedOut(request, worker, id, pool.timeoutOf(request));
        pool.ended(worker, id, request, begin, Outcome.TIMED_OUT);
        pool.reclaim(worker, id, failure);
        return failure;
      }
      case INTERRUPTED -> {
        CallCancelledException failure =
            failures.cancelled(request, worker, id, "its thread's interrupt");
        pool.ended(worker, id, request, begin, Outcome.CANCELLED);
        pool.reclaim(worker, id, failure);
        return failure;
      }
      case ABANDONED -> {
        CallCancelledException failure = failures.cancelled(request, worker, id, PoolOperator.NAME);
        pool.ended(worker, id, request, begin, Outcome.CANCELLED);
        pool.reclaim(worker, id, failure);
        return failure;
      }
      case MALFORMED -> {
        pool.ended(worker, id, request, begin, Outcome.WORKER_FAILURE);
        condemn(worker, FailureKind.MALFORMED_REPLY, e.ioCause().getMessage());
        return failures.malformed(request, worker, id, e.ioCause());
      }
      default -> {
        boolean closed = pool.control().closing();
        PythonPoolException failure =
            closed
                ? failures.closedDuring(request, worker, id)
                : failures.crashed(request, worker, id, worker.awaitExit(EXIT_REPORT_MILLIS));
        Outcome outcome = closed ? Outcome.CANCELLED : Outcome.WORKER_FAILURE;
        pool.ended(worker, id, request, begin, outcome);
        condemn(worker, FailureKind.CONNECTION_LOST, "its connection ended");
        return failure;
      }
    }
  }

  private void condemn(Worker worker, FailureKind kind, String reason) {
    pool.context().reactor().execute(() -> pool.crew().recoverer().lost(worker, kind, reason));
  }
}
