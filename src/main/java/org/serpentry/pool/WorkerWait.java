// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.serpentry.api.PythonPoolException;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.Worker;

/**
 * An asynchronous call's wait for a worker. It is made by whoever finds none free; everything else
 * runs on the reactor.
 */
final class WorkerWait {

  private final WorkerPool pool;
  private final AsyncCall call;
  private final Retries retries;
  private final Reactor reactor;
  private final LongSupplier nanoTime;
  private final Waiter waiter;
  private final long patience;
  private Reactor.Timer timer;

  WorkerWait(WorkerPool pool, AsyncCall call, Retries retries) {
    this.pool = pool;
    this.call = call;
    this.retries = retries;
    this.reactor = pool.context().reactor();
    this.nanoTime = pool.context().nanoTime();
    Route route = call.request().route();
    long now = nanoTime.getAsLong();
    long since = route == null ? now : now - route.spent(now);
    this.waiter =
        new Waiter.Queued(
            since, route == null ? null : route.wanted(), () -> reactor.execute(this::settled));
    this.patience = retries.patience(pool.patienceOf(call.request()), since);
  }

  /** Gets in line, unless there is no room or the way is barred. */
  void begin() {
    if (!enqueued()) {
      return;
    }
    call.waitsFor(this);
    timer =
        reactor.schedule(
            waiter.since() + patience - nanoTime.getAsLong(),
            TimeUnit.NANOSECONDS,
            this::checkoutTimedOut);
    if (call.done()) {
      call.cancelOnReactor();
    }
  }

  private boolean enqueued() {
    try {
      if (pool.checkout().enqueue(waiter)) {
        return true;
      }
      pool.counters().rejected();
      call.failed(
          pool.failures()
              .queueFull(call.request(), pool.config().queueCapacity(), pool.control().counts()));
    } catch (PythonPoolException e) {
      call.failed(e); // A barrier came down since the calling thread looked.
    } catch (RuntimeException | Error e) {
      pool.checkout().giveUp(waiter);
      call.broke(e);
    }
    return false;
  }

  private void checkoutTimedOut() {
    if (pool.checkout().giveUp(waiter)) {
      pool.counters().checkoutTimedOut();
      call.failed(
          pool.failures()
              .checkoutTimedOut(
                  call.request(), Duration.ofNanos(patience), pool.control().counts()));
    }
  }

  /** Waits no more, if it does. */
  void cancel() {
    pool.checkout().giveUp(waiter);
    stopTimer();
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel();
    }
  }

  private void settled() {
    stopTimer();
    retries.waited(nanoTime.getAsLong() - waiter.since());
    if (waiter.outcome() instanceof PythonPoolException failure) {
      call.failed(failure);
    } else if (waiter.outcome() instanceof Worker leased) {
      call.leased(leased);
    } else if (waiter.outcome() == Waiter.WORKER_LEFT) {
      call.attempt(); // There may be another worker for its session.
    }
  }
}
