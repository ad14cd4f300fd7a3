// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonPoolException;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.Worker;

/**
 * One asynchronous call. The calling thread encodes it and, when a worker is free, sends it;
 * whatever comes after happens on the reactor, and the result is decoded and the future completed
 * on the given executor. {@link #start} and the future's {@code cancel} may be called by any
 * thread; nothing here blocks.
 */
final class AsyncCall {

  private static final long EXIT_REPORT_MILLIS = 1_000;

  private final WorkerPool pool;
  private final CallRequest request;
  private final Executor executor;
  private final Reactor reactor;
  private final Future future = new Future();
  private byte[] payload;
  private final Retries retries;

  // The reactor's, from the moment that the call has been sent or queued.
  private Waiter waiter;
  private Reactor.Timer timer;
  private Worker worker;
  private long id;
  private long begin;
  private long deadline;
  private boolean running;
  private boolean probing;
  private boolean pausing;

  AsyncCall(WorkerPool pool, CallRequest request, Executor executor) {
    this.pool = pool;
    this.request = request;
    this.executor = executor;
    this.reactor = pool.context().reactor();
    this.retries = new Retries(request, pool.config());
  }

  CompletableFuture<Object> future() {
    return future;
  }

  void start() {
    try {
      payload = pool.encoder().encode(request);
    } catch (PythonPoolException e) {
      complete(() -> orFallback(e));
      return;
    }
    attempt();
  }

  /** Runs the call on a worker that has been leased for it, uncounted. Called on the reactor. */
  void probe(Worker leased, Consumer<Boolean> verdict) {
    probing = true;
    payload = pool.encoder().encode(request);
    onEnd(verdict);
    send(leased);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nothing is derived from it
  private void onEnd(Consumer<Boolean> verdict) {
    future.whenComplete((value, failure) -> verdict.accept(failure == null));
  }

  private void attempt() {
    try {
      Worker free = pool.checkout().poll();
      if (free != null) {
        send(free);
      } else {
        queue();
      }
    } catch (PythonPoolException e) {
      failed(e);
    }
  }

  private void queue() {
    Duration patience =
        request.checkoutTimeout() != null
            ? request.checkoutTimeout()
            : pool.config().checkoutTimeout();
    Waiter queued =
        new Waiter.Queued(
            pool.context().nanoTime().getAsLong(), () -> reactor.execute(this::settled));
    post(
        () -> {
          waiter = queued;
          if (!enqueued(queued)) {
            return;
          }
          timer =
              reactor.schedule(
                  WorkerPool.nanos(patience),
                  TimeUnit.NANOSECONDS,
                  () -> checkoutTimedOut(patience));
          if (future.isDone()) {
            cancelOnReactor();
          }
        });
  }

  private boolean enqueued(Waiter queued) {
    try {
      if (pool.checkout().enqueue(queued)) {
        return true;
      }
      pool.counters().rejected();
      failed(
          pool.failures()
              .queueFull(request, pool.config().queueCapacity(), pool.control().counts()));
    } catch (PythonPoolException e) {
      failed(e); // A barrier came down since the calling thread looked.
    }
    return false;
  }

  /**
   * Gives the reactor a task; a pool that has ended meanwhile runs none, and the caller must hear.
   */
  private void post(Runnable task) {
    reactor.execute(task);
    if (reactor.ended()) {
      complete(() -> orFallback(pool.failures().closed()));
    }
  }

  private void checkoutTimedOut(Duration patience) {
    if (pool.checkout().giveUp(waiter)) {
      pool.counters().checkoutTimedOut();
      failed(pool.failures().checkoutTimedOut(request, patience, pool.control().counts()));
    }
  }

  private void settled() {
    if (timer != null) {
      timer.cancel();
    }
    if (waiter.outcome() instanceof PythonPoolException failure) {
      failed(failure);
    } else if (waiter.outcome() instanceof Worker leased) {
      if (future.isDone()) {
        pool.giveBack(leased);
      } else {
        send(leased);
      }
    }
  }

  /** Sends the call as far as the socket takes it; the reactor goes on from there. */
  private void send(Worker leased) {
    long now = pool.context().nanoTime().getAsLong();
    if (deadline == 0) {
      Duration timeout =
          request.timeout() != null ? request.timeout() : pool.config().operationTimeout();
      deadline = now + WorkerPool.nanos(timeout);
    }
    long requestId = pool.nextRequestId();
    leased.begin(new RunningCall(requestId, request.target(), now));
    IOException broken = null;
    boolean whole = false;
    try {
      leased.channel().begin(pool.encoder().frame(request, requestId, payload), deadline - now);
      whole = leased.channel().flush();
    } catch (IOException e) {
      broken = e;
    }
    IOException failure = broken;
    boolean sent = whole;
    if (reactor.onThread()) {
      watch(leased, requestId, now, sent, failure);
    } else {
      post(() -> watch(leased, requestId, now, sent, failure));
    }
  }

  private void watch(Worker leased, long requestId, long now, boolean sent, IOException broken) {
    worker = leased;
    id = requestId;
    begin = now;
    running = true;
    pool.asyncBegan(this);
    if (pool.control().closing()) {
      closeNow(); // Nobody comes by to do so any more.
      return;
    }
    if (broken != null || leased.exit().isDone()) {
      lost();
      return;
    }
    timer = reactor.schedule(deadline - now, TimeUnit.NANOSECONDS, this::timedOut);
    pool.crew()
        .replyWatch()
        .watch(
            leased,
            sent ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE,
            this::ready);
    if (future.isDone()) {
      cancelOnReactor();
    }
  }

  private void ready() {
    if (!running) {
      return;
    }
    try {
      boolean sent = worker.channel().flush();
      for (Frame frame = worker.channel().receive();
          frame != null;
          frame = worker.channel().receive()) {
        if (frame.requestId() == id) {
          replied(frame);
          return;
        }
      }
      if (sent) {
        pool.crew().replyWatch().watch(worker, SelectionKey.OP_READ, this::ready);
      }
      if (worker.exit().isDone()) {
        lost();
      }
    } catch (MalformedFrameException e) {
      PythonPoolException failure = pool.failures().malformed(request, worker, id, e);
      ended(Outcome.WORKER_FAILURE);
      pool.crew().turnover().condemn(worker, e.getMessage());
      failed(failure);
    } catch (IOException e) {
      lost();
    }
  }

  private void replied(Frame frame) {
    Outcome outcome = pool.replies().outcome(frame);
    if (outcome == Outcome.WORKER_FAILURE) {
      PythonPoolException failure =
          pool.failures().malformed(request, worker, id, pool.replies().unexpected(frame));
      ended(outcome);
      pool.crew().turnover().condemn(worker, "it sent a " + frame.kind());
      failed(failure);
      return;
    }
    Worker answering = worker;
    if (!probing) {
      answering.answered();
    }
    ended(outcome);
    pool.giveBack(answering);
    complete(() -> valueOrFallback(answering, frame));
  }

  private Object valueOrFallback(Worker answering, Frame frame) {
    try {
      return pool.replies().value(request, answering, frame);
    } catch (PythonPoolException e) {
      return orFallback(e);
    }
  }

  private Object orFallback(PythonPoolException failure) {
    if (request.fallback() == null) {
      throw failure;
    }
    return request.fallback().apply(failure);
  }

  /** The worker is gone; its exit report, which says how, follows closely. */
  private void lost() {
    stopWatching();
    Worker dead = worker;
    timer = reactor.schedule(EXIT_REPORT_MILLIS, TimeUnit.MILLISECONDS, () -> crashed(dead));
    dead.onExit(() -> reactor.execute(() -> crashed(dead)));
  }

  private void crashed(Worker dead) {
    if (!running || worker != dead) {
      return;
    }
    PythonPoolException failure = pool.failures().crashed(request, dead, id, dead.awaitExit(0));
    ended(Outcome.WORKER_FAILURE);
    pool.crew().turnover().condemn(dead, "its connection ended");
    failed(failure);
  }

  private void timedOut() {
    if (running) {
      Duration timeout =
          request.timeout() != null ? request.timeout() : pool.config().operationTimeout();
      PythonPoolException failure = pool.failures().timedOut(request, worker, id, timeout);
      ended(Outcome.TIMED_OUT);
      pool.handToLadder(worker, id);
      failed(failure);
    }
  }

  private void cancelOnReactor() {
    if (running) {
      ended(Outcome.CANCELLED);
      pool.handToLadder(worker, id);
    } else if (pausing) {
      pauseEnded();
    } else if (waiter != null) {
      pool.checkout().giveUp(waiter);
      timer.cancel();
    }
  }

  /** Ends the call because the pool is being closed. Called on the reactor. */
  void closeNow() {
    if (running) {
      PythonPoolException failure = pool.failures().closedDuring(request, worker, id);
      ended(Outcome.CANCELLED);
      complete(() -> orFallback(failure));
    } else if (pausing) {
      pauseEnded();
      complete(() -> orFallback(pool.failures().closed()));
    }
  }

  private void ended(Outcome outcome) {
    stopWatching();
    running = false;
    pool.asyncEnded(this);
    if (probing) {
      worker.idle();
    } else {
      pool.ended(worker, id, request, begin, outcome);
    }
  }

  private void stopWatching() {
    if (timer != null) {
      timer.cancel();
    }
    pool.crew().replyWatch().unwatch(worker);
  }

  private void failed(PythonPoolException failure) {
    // Only a lost worker is answered by another attempt, and that is always told on the reactor.
    if (!future.isDone() && retries.take(failure)) {
      pool.counters().retried();
      pausing = true;
      pool.asyncBegan(this);
      timer =
          reactor.schedule(
              retries.pauseNanos(),
              TimeUnit.NANOSECONDS,
              () -> {
                pauseEnded();
                attempt();
              });
    } else {
      complete(() -> orFallback(failure));
    }
  }

  private void pauseEnded() {
    pausing = false;
    timer.cancel();
    pool.asyncEnded(this);
  }

  private void complete(Supplier<Object> result) {
    Runnable completion =
        () -> {
          try {
            future.answer(result.get());
          } catch (RuntimeException | Error e) {
            future.refuse(e);
          }
        };
    try {
      executor.execute(completion);
    } catch (RejectedExecutionException e) {
      // The executor is shutting down, and the caller must hear all the same.
      completion.run();
    }
  }

  /**
   * The caller's future. Whoever else ends it, by cancelling, by {@code orTimeout} or by completing
   * it, wants no answer any more: that reaches Python.
   */
  private final class Future extends CompletableFuture<Object> {
    private void answer(Object value) {
      super.complete(value);
    }

    private void refuse(Throwable failure) {
      super.completeExceptionally(failure);
    }

    private boolean abandoned(boolean now) {
      if (now) {
        reactor.execute(AsyncCall.this::cancelOnReactor);
      }
      return now;
    }

    @Override
    public boolean complete(Object value) {
      return abandoned(super.complete(value));
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
      return abandoned(super.completeExceptionally(failure));
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      return abandoned(super.cancel(mayInterruptIfRunning));
    }
  }
}
