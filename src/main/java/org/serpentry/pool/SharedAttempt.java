// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.TimeUnit;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonPoolException;
import org.serpentry.protocol.Frame;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.Worker;

/**
 * One attempt of an asynchronous call on a place of a worker. {@link #send} runs on the thread that
 * got the place, everything after it on the reactor.
 */
final class SharedAttempt extends SharedCall implements Attempt, Feed.Line {

  private final AsyncCall call;
  private final Reactor reactor;
  private final byte[] payload;
  private final long deadline;
  private final Feed feed;

  // The reactor's.
  private Reactor.Timer timer;
  private boolean over;

  SharedAttempt(
      WorkerPool pool, AsyncCall call, byte[] payload, Worker worker, long begin, long deadline) {
    super(pool, call.request(), worker, begin, call.caller(), call.origin(payload.length));
    this.call = call;
    this.reactor = pool.context().reactor();
    this.payload = payload;
    this.deadline = deadline;
    this.feed = Feed.of(pool, call.request(), worker, id(), this);
  }

  @Override
  Feed feed() {
    return feed;
  }

  @Override
  public void tell(byte[] frame) {
    pool().crew().lanes().tell(worker(), frame);
  }

  @Override
  public void send() {
    call.sends(id()); // Before it is sent: the reactor may have the reply at once.
    pool().crew().lanes().send(this, payload, deadline);
    if (reactor.onThread()) {
      watch();
    } else {
      call.post(this::watch);
    }
  }

  private void watch() {
    if (over) {
      return; // Answered already.
    }
    call.began(this);
    // From now and not from the beginning: the reactor may come late to it.
    long left = deadline - pool().context().nanoTime().getAsLong();
    timer = reactor.schedule(left, TimeUnit.NANOSECONDS, this::timedOut);
    if (feed != null) {
      feed.began();
    }
    if (call.done()) {
      cancel();
    }
  }

  private void timedOut() {
    stalled(pool().failures().timedOut(request(), worker(), id(), pool().timeoutOf(request())));
  }

  @Override
  public void stalled(CallTimeoutException failure) {
    if (claim()) {
      over();
      ended(Outcome.TIMED_OUT);
      pool().crew().lanes().giveUp(this, failure);
      call.failed(failure);
    }
  }

  @Override
  public void cancel() {
    if (claim()) {
      over();
      ended(Outcome.CANCELLED);
      pool().crew().lanes().giveUp(this, null);
    }
  }

  @Override
  public void close() {
    if (claim()) {
      over();
      ended(Outcome.CANCELLED);
      call.failedForGood(pool().failures().closedDuring(request(), worker(), id()));
    }
  }

  @Override
  void wake() {
    if (reactor.onThread()) {
      conclude();
    } else {
      call.post(this::conclude);
    }
  }

  private void conclude() {
    try {
      over();
      if (end() instanceof Frame reply) {
        call.answered(worker(), reply);
      } else if (Lanes.failure(end()) instanceof PythonPoolException failure) {
        call.failed(failure);
      } else {
        call.broke((Throwable) end());
      }
    } catch (RuntimeException | Error e) {
      call.broke(e); // Its neighbours' replies are still to be read.
    }
  }

  private void over() {
    over = true;
    if (feed != null) {
      feed.over();
    }
    if (timer != null) {
      timer.cancel();
    }
    call.attemptOver();
  }
}
