// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.serpentry.api.PythonPoolException;
import org.serpentry.protocol.Frame;
import org.serpentry.telemetry.CallRecording;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.RunningCall.Origin;
import org.serpentry.worker.Worker;

/**
 * One asynchronous call: its wait for a worker, its attempts and its future. The calling thread
 * encodes it and, when a worker is free, sends it; whatever comes after happens on the reactor, and
 * the result is decoded and the future completed on the given executor. {@link #start} and the
 * future's {@code cancel} may be called by any thread; nothing here blocks.
 */
final class AsyncCall {

  private final WorkerPool pool;
  private final CallRequest request;
  private final Route route;
  private final Reactor reactor;
  private final CallFuture future;
  private final Retries retries;
  private final String caller = Thread.currentThread().getName();
  private final List<StackTraceElement> stack;
  private CallRecording recording;
  private byte[] payload;
  private boolean trial;
  private volatile Circuits.Pass pass;

  // The reactor's, from the moment that the call has been sent or queued.
  private TurnWait turnWait;
  private WorkerWait workerWait;
  private Reactor.Timer timer;
  private Attempt running;
  private boolean pausing;

  AsyncCall(WorkerPool pool, CallRequest request, Executor executor) {
    this.pool = pool;
    this.request = request;
    this.route = request.route();
    this.reactor = pool.context().reactor();
    this.retries = new Retries(request, pool.retryPolicy());
    this.stack = pool.operator().slowCalls().stackOf(request);
    this.recording = request.recording(pool.name());
    this.future = new CallFuture(executor, () -> reactor.execute(this::cancelOnReactor));
  }

  CompletableFuture<Object> future() {
    return future;
  }

  void start() {
    if (route instanceof SessionTurn turn) {
      new TurnWait(pool, this, turn).begin();
    } else {
      proceed();
    }
  }

  /** It waits for its session's turn, or, with null, no more. Called on the reactor. */
  void waits(TurnWait wait) {
    turnWait = wait;
    if (wait != null) {
      pool.asyncBegan(this);
    } else {
      pool.asyncEnded(this);
    }
  }

  /** It waits for a worker. Called on the reactor. */
  void waitsFor(WorkerWait wait) {
    workerWait = wait;
  }

  /** Begins the first attempt, in its session's turn when it has one. */
  void proceed() {
    try {
      if (route != null) {
        retries.began(route.since());
      }
      recording.encodes();
      payload = pool.encoder().encode(request);
      pass = pool.circuits().admit(request);
    } catch (PythonPoolException e) {
      failedForGood(e);
      return;
    } catch (RuntimeException | Error e) { // Of the caller's own types, for example.
      broke(e);
      return;
    }
    attempt();
  }

  /**
   * Runs the call, uncounted, on a leased worker that nobody else may get. Whatever comes of it,
   * the worker stays with whoever takes the outcome: null, or the failure. Called on the reactor.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // nothing is derived from it
  void tryOut(Worker leased, Consumer<Throwable> outcome) {
    trial = true;
    recording = CallRecording.NONE;
    future.whenComplete((value, failure) -> outcome.accept(failure));
    try {
      payload = pool.encoder().encode(request);
    } catch (RuntimeException | Error e) {
      broke(e);
      return;
    }
    send(leased);
  }

  /** Looks for a worker. Called by whoever has the call. */
  void attempt() {
    if (future.isDone()) {
      over(route);
      return;
    }
    try {
      recording.queues();
      Worker free = route == null ? pool.checkout().poll() : route.poll(pool.checkout());
      if (free != null) {
        send(free);
      } else {
        WorkerWait wait = new WorkerWait(pool, this, retries);
        post(wait::begin);
      }
    } catch (PythonPoolException e) {
      failed(e);
    } catch (RuntimeException | Error e) {
      broke(e);
    }
  }

  private long now() {
    return pool.context().nanoTime().getAsLong();
  }

  /**
   * Gives the reactor a task; a pool that has ended meanwhile runs none, and the caller must hear.
   */
  void post(Runnable task) {
    reactor.execute(task);
    if (reactor.ended()) {
      failedForGood(pool.failures().closed());
    }
  }

  /** It has waited for a worker and got one. Called on the reactor. */
  void leased(Worker worker) {
    if (future.isDone()) {
      pool.giveBack(worker);
      over(route);
    } else {
      send(worker);
    }
  }

  private void send(Worker leased) {
    Attempt attempt;
    long now = now();
    try {
      long deadline = retries.deadline(pool.timeoutOf(request), now);
      if (route != null) {
        route.assigned(leased);
      }
      recording.runsOn(leased.slot(), leased.id());
      attempt = deadline - now <= 0 ? null : attemptOn(leased, now, deadline);
    } catch (RuntimeException | Error e) {
      if (!trial) {
        pool.giveBack(leased);
      }
      broke(e);
      return;
    }
    if (attempt == null) {
      failed(pool.tooLate(request, leased, now));
    } else {
      attempt.send();
    }
  }

  private Attempt attemptOn(Worker leased, long now, long deadline) {
    return leased.machine().places() > 1 && !trial
        ? new SharedAttempt(pool, this, payload, leased, now, deadline)
        : new AsyncAttempt(pool, this, payload, leased, now, deadline);
  }

  // ---- for AsyncAttempt

  CallRequest request() {
    return request;
  }

  /** The name of the thread that made it. */
  String caller() {
    return caller;
  }

  /** Where it comes from, now that it has a worker. */
  Origin origin(int payloadBytes) {
    return pool.operator().slowCalls().origin(request, null, stack, retries.queued(), payloadBytes);
  }

  /** Its request is about to be sent. */
  void sends(long id) {
    recording.sends(id);
  }

  /** Whether its worker comes back to nobody, and nothing is counted. */
  boolean onTrial() {
    return trial;
  }

  boolean done() {
    return future.isDone();
  }

  /** An attempt is under way. Called on the reactor. */
  void began(Attempt attempt) {
    running = attempt;
    pool.asyncBegan(this);
  }

  /** The attempt that was under way is over. Called on the reactor. */
  void attemptOver() {
    running = null;
    pool.asyncEnded(this);
  }

  /** The worker has answered, and has been given back. */
  void answered(Worker answering, Frame frame) {
    recording.decodes();
    if (future.isDone() && frame.header().length != 0) {
      answering.memory().results().abandon(frame.requestId());
    }
    if (route != null && !pool.sessions().storeBlocks()) {
      // Here, so that the session's next call need not wait for the executor.
      route.take(answering, frame);
      route.over();
    }
    Inflow items = request.inflow();
    if (items != null && route == null) {
      // Here, since its reader may hold the thread that the executor would need for it.
      items.failed(() -> pool.replies().failure(request, answering, frame));
    }
    future.settle(() -> valueOrFallback(answering, frame));
  }

  /** The attempt has failed, which may be answered by another one. */
  void failed(PythonPoolException failure) {
    // Only a lost worker is answered by another attempt, and that is always told on the reactor.
    long pause = future.isDone() ? Retries.NONE : retries.pauseAfter(failure, now());
    if (pause != Retries.NONE) {
      pool.counters().retried();
      pausing = true;
      pool.asyncBegan(this);
      timer =
          reactor.schedule(
              pause,
              TimeUnit.NANOSECONDS,
              () -> {
                pauseEnded();
                attempt();
              });
    } else {
      failedForGood(failure);
    }
  }

  /** The call has failed and is not tried again. */
  void failedForGood(PythonPoolException failure) {
    try {
      recording.ended(failure);
      if (!trial) {
        pool.failedForGood(request, pass, failure);
      }
      if (request.inflow() != null) {
        request.inflow().callFailed(failure);
      }
    } finally {
      future.settle(() -> orFallback(failure));
    }
  }

  /** Something was thrown on the way that is no failure of the API's: the caller gets it as is. */
  void broke(Throwable thrown) {
    try {
      recording.ended(thrown);
      pool.circuits().gaveUp(request, pass);
      over(route);
    } finally {
      future.refuse(thrown);
    }
  }

  // ---- its end

  private Object valueOrFallback(Worker answering, Frame frame) {
    try {
      Object value = pool.replies().value(request, answering, frame);
      if (!trial) {
        pool.circuits().succeeded(request, pass);
      }
      recording.ended(null);
      return value;
    } catch (PythonPoolException e) {
      recording.ended(e);
      if (!trial) {
        pool.failedForGood(request, pass, e);
      }
      return orFallback(e);
    } catch (RuntimeException | Error e) { // Thrown by what makes the value, not by a fallback.
      recording.ended(e);
      pool.circuits().gaveUp(request, pass);
      throw e;
    } finally {
      over(route);
    }
  }

  private Object orFallback(PythonPoolException failure) {
    return SyncCalls.orFallback(request, failure);
  }

  private static void over(Route route) {
    if (route != null) {
      route.over();
    }
  }

  /** The caller wants no answer any more. Called on the reactor. */
  void cancelOnReactor() {
    recording.cancelled();
    pool.circuits().gaveUp(request, pass);
    if (turnWait != null) {
      turnWait.cancel();
    } else if (running != null) {
      running.cancel();
    } else if (pausing) {
      pauseEnded();
    } else if (workerWait != null) {
      workerWait.cancel();
    }
    over(route);
  }

  /** Gives it up for an operator, when that is its request now. Called on the reactor. */
  boolean abort(long requestId) {
    return running != null && running.abort(requestId);
  }

  /** Ends the call because the pool is being closed. Called on the reactor. */
  void closeNow() {
    if (turnWait != null) {
      turnWait.cancel();
      failedForGood(pool.failures().closed());
    } else if (running != null) {
      running.close();
    } else if (pausing) {
      pauseEnded();
      failedForGood(pool.failures().closed());
    }
  }

  private void pauseEnded() {
    pausing = false;
    timer.cancel();
    pool.asyncEnded(this);
  }
}
