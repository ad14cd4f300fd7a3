// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.serpentry.api.AbandonedCallException;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.FailureKind;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonPoolException;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.transport.OutgoingCall;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.Worker;

/**
 * One attempt of an asynchronous call, on a worker leased for it: from the sending of the request
 * to the end of the lease, which it always comes to, whatever is thrown on the way. {@link
 * #transmit} runs on the thread that leased the worker, everything after it on the reactor.
 */
final class AsyncAttempt implements Attempt, Feed.Line {

  private static final long EXIT_REPORT_MILLIS = 1_000;

  private final WorkerPool pool;
  private final AsyncCall call;
  private final CallRequest request;
  private final Reactor reactor;
  private final byte[] payload;
  private final Worker worker;
  private final long id;
  private final long begin;
  private final long deadline;
  private final Feed feed;
  private final Queue<byte[]> toTell = new ArrayDeque<>();

  // How the sending went; the reactor reads it after the thread that sent.
  private boolean sent;
  private boolean unsent;
  private Throwable broken;

  // The reactor's.
  private Reactor.Timer timer;
  private boolean running;

  AsyncAttempt(
      WorkerPool pool, AsyncCall call, byte[] payload, Worker leased, long now, long deadline) {
    this.pool = pool;
    this.call = call;
    this.request = call.request();
    this.reactor = pool.context().reactor();
    this.payload = payload;
    this.worker = leased;
    this.id = pool.nextRequestId();
    this.begin = now;
    this.deadline = deadline;
    this.feed = Feed.of(pool, request, leased, id, this);
  }

  /** Sends the call as far as the socket takes it; the reactor goes on from there. */
  @Override
  public void send() {
    transmit();
    if (reactor.onThread()) {
      watch();
    } else {
      call.post(this::watch);
    }
  }

  void transmit() {
    OutgoingCall frame;
    try {
      worker.begin(request.running(id, begin, call.caller(), call.origin(payload.length)));
      frame = pool.encoder().frame(request, id, payload, worker);
    } catch (RuntimeException | Error e) {
      unsent = true;
      broken = e;
      return;
    }
    try {
      worker.channel().begin(frame, deadline - begin);
      call.sends(id);
      sent = worker.channel().flush();
    } catch (IOException | RuntimeException | Error e) {
      broken = e;
    }
  }

  void watch() {
    running = true;
    call.began(this);
    if (pool.control().closing()) {
      close(); // Nobody comes by to do so any more.
    } else if (unsent) {
      refused(broken);
    } else if (broken instanceof IOException) {
      lost();
    } else if (broken != null) {
      broke(broken);
    } else {
      await();
    }
  }

  /** Nothing has been sent: the worker is as it was. */
  private void refused(Throwable thrown) {
    ended(Outcome.CANCELLED);
    worker.idle();
    if (!call.onTrial()) {
      pool.giveBack(worker);
    }
    if (thrown instanceof PythonPoolException failure) {
      call.failedForGood(failure);
    } else {
      call.broke(thrown);
    }
  }

  private void await() {
    // What is left now: the reactor may have come here late, and the caller's patience runs on.
    long left = deadline - pool.context().nanoTime().getAsLong();
    timer = reactor.schedule(left, TimeUnit.NANOSECONDS, this::timedOut);
    if (feed != null) {
      feed.began();
    }
    if (worker.exit().isDone()) {
      ready(); // It may have answered before it died, and nobody tells of that any more.
    } else {
      pool.crew()
          .replyWatch()
          .watch(
              worker,
              sent ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE,
              this::ready);
    }
    if (call.done()) {
      cancel();
    }
  }

  private void ready() {
    if (!running) {
      return;
    }
    try {
      read();
    } catch (MalformedFrameException e) {
      PythonPoolException failure = pool.failures().malformed(request, worker, id, e);
      condemned(FailureKind.MALFORMED_REPLY, e.getMessage());
      call.failed(failure);
    } catch (IOException e) {
      lost();
    } catch (RuntimeException | Error e) {
      broke(e);
    }
  }

  private void read() throws IOException {
    boolean whole = sendAll();
    for (Frame frame = worker.channel().receive();
        frame != null;
        frame = worker.channel().receive()) {
      if (frame.requestId() == id && frame.kind() == FrameKind.ITEM && feed != null) {
        feed.item(frame);
      } else if (frame.requestId() == id) {
        replied(frame);
        return;
      }
    }
    if (worker.exit().isDone()) {
      lost();
    } else if (whole) {
      pool.crew().replyWatch().watch(worker, SelectionKey.OP_READ, this::ready);
    }
  }

  /** Sends what there is; false when the socket takes no more now. */
  private boolean sendAll() throws IOException {
    while (worker.channel().flush()) {
      byte[] next = toTell.poll();
      if (next == null) {
        return true;
      }
      worker.channel().begin(next);
    }
    return false;
  }

  @Override
  public void tell(byte[] frame) {
    toTell.add(frame);
    try {
      if (!sendAll()) {
        pool.crew()
            .replyWatch()
            .watch(worker, SelectionKey.OP_READ | SelectionKey.OP_WRITE, this::ready);
      }
    } catch (IOException e) {
      lost();
    } catch (RuntimeException | Error e) {
      broke(e);
    }
  }

  private void replied(Frame frame) {
    Outcome outcome = pool.replies().outcome(frame);
    if (outcome == Outcome.WORKER_FAILURE) {
      PythonPoolException failure =
          pool.failures().malformed(request, worker, id, pool.replies().unexpected(frame));
      condemned(FailureKind.MALFORMED_REPLY, "it sent a " + frame.kind());
      call.failed(failure);
      return;
    }
    if (call.onTrial()) {
      ended(outcome);
    } else {
      worker.answered();
      ended(outcome);
      pool.giveBack(worker);
    }
    call.answered(worker, frame);
  }

  /** The worker is gone; its exit report, which says how, follows closely. */
  private void lost() {
    stopWatching();
    timer = reactor.schedule(EXIT_REPORT_MILLIS, TimeUnit.MILLISECONDS, this::crashed);
    worker.onExit(() -> reactor.execute(this::crashed));
  }

  private void crashed() {
    if (running) {
      PythonPoolException failure =
          pool.failures().crashed(request, worker, id, worker.awaitExit(0));
      condemned(FailureKind.CONNECTION_LOST, "its connection ended");
      call.failed(failure);
    }
  }

  /** No memory for the reply, for example. What is left on the connection cannot be told. */
  private void broke(Throwable thrown) {
    if (running) {
      condemned(FailureKind.REPLY_LOST, "its reply was lost: " + thrown);
    }
    call.broke(thrown);
  }

  private void timedOut() {
    stalled(pool.failures().timedOut(request, worker, id, pool.timeoutOf(request)));
  }

  @Override
  public void stalled(CallTimeoutException failure) {
    if (running) {
      ended(Outcome.TIMED_OUT);
      abandon(failure);
      call.failed(failure);
    }
  }

  @Override
  public void cancel() {
    if (running) {
      ended(Outcome.CANCELLED);
      abandon(null);
    }
  }

  @Override
  public boolean abort(long requestId) {
    if (!running || requestId != id || call.onTrial()) {
      return false;
    }
    AbandonedCallException failure =
        pool.failures().cancelled(request, worker, id, PoolOperator.NAME);
    ended(Outcome.CANCELLED);
    abandon(failure);
    call.failed(failure);
    return true;
  }

  private void abandon(AbandonedCallException failure) {
    if (!call.onTrial()) {
      pool.handToLadder(worker, id, failure);
    }
  }

  @Override
  public void close() {
    if (running) {
      PythonPoolException failure = pool.failures().closedDuring(request, worker, id);
      ended(Outcome.CANCELLED);
      call.failedForGood(failure);
    }
  }

  private void condemned(FailureKind kind, String reason) {
    ended(Outcome.WORKER_FAILURE);
    pool.crew().recoverer().lost(worker, kind, reason);
  }

  private void ended(Outcome outcome) {
    stopWatching();
    running = false;
    if (feed != null) {
      feed.over();
    }
    call.attemptOver();
    if (call.onTrial()) {
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
}
