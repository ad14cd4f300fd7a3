// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.serpentry.api.FailureKind;
import org.serpentry.api.PythonPoolException;
import org.serpentry.health.ProbeResult;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.Worker;

/**
 * One probe: a call like any other to the worker, which is leased for it or degraded, but uncounted
 * and without a caller. When it is over the worker is still whoever's gave it, whatever the result;
 * a call without an answer has been cancelled then, and its late answer will be dropped by its id.
 * Everything runs on the reactor.
 */
final class ProbeCall {

  private static final long EXIT_REPORT_MILLIS = 1_000;

  private final WorkerPool pool;
  private final Reactor reactor;
  private final CallRequest request;
  private final Worker worker;
  private final long id;
  private final long begin;
  private final Consumer<ProbeResult> then;
  private Reactor.Timer timer;
  private boolean over;

  ProbeCall(WorkerPool pool, CallRequest request, Worker worker, Consumer<ProbeResult> then) {
    this.pool = pool;
    this.reactor = pool.context().reactor();
    this.request = request;
    this.worker = worker;
    this.id = pool.nextRequestId();
    this.begin = pool.context().nanoTime().getAsLong();
    this.then = then;
  }

  Worker worker() {
    return worker;
  }

  void send() {
    long patience = request.timeout().toNanos();
    worker.begin(new RunningCall(id, request.target(), begin));
    try {
      if (worker.channel().midFrame()) {
        broken(FailureKind.CONNECTION_LOST, "an earlier request has left in part only");
        return;
      }
      byte[] payload = pool.encoder().encode(request);
      worker.channel().begin(pool.encoder().frame(request, id, payload, worker), patience);
      boolean sent = worker.channel().flush();
      timer = reactor.schedule(patience, TimeUnit.NANOSECONDS, this::timedOut);
      watch(sent);
    } catch (IOException e) {
      lost();
    } catch (RuntimeException | Error e) {
      broken(FailureKind.REPLY_LOST, "its probe could not be sent: " + e);
    }
  }

  private void watch(boolean sent) {
    int operations = sent ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
    pool.crew().replyWatch().watch(worker, operations, this::ready);
    if (worker.exit().isDone()) {
      end(ProbeResult.gone()); // Nobody tells of that any more.
    }
  }

  private void ready() {
    if (over) {
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
      watch(sent);
    } catch (MalformedFrameException e) {
      broken(FailureKind.MALFORMED_REPLY, e.getMessage());
    } catch (IOException e) {
      lost();
    } catch (RuntimeException | Error e) {
      broken(FailureKind.REPLY_LOST, "its reply was lost: " + e);
    }
  }

  private void replied(Frame frame) {
    if (frame.kind() == FrameKind.RESULT) {
      long nanos = pool.context().nanoTime().getAsLong() - begin;
      if (pool.replies().value(request, worker, frame) instanceof Map<?, ?> told
          && told.get("collections") instanceof List<?> counts) {
        worker
            .condition()
            .collections(counts.stream().map(count -> ((Number) count).longValue()).toList());
      }
      end(ProbeResult.answer(TimeUnit.NANOSECONDS.toMillis(nanos)));
    } else if (frame.kind() == FrameKind.ERROR) {
      end(ProbeResult.failed(errorOf(frame)));
    } else {
      broken(FailureKind.MALFORMED_REPLY, "it sent a " + frame.kind());
    }
  }

  private String errorOf(Frame frame) {
    try {
      pool.replies().value(request, worker, frame);
      return "an error without a text";
    } catch (PythonPoolException e) {
      return e.getMessage();
    }
  }

  private void timedOut() {
    if (over) {
      return;
    }
    try {
      worker.channel().begin(Frame.cancel(id));
      if (worker.channel().flush()) {
        pool.crew().nursery().signal(worker, "cancel");
        end(ProbeResult.failed("no answer within " + request.timeout().toMillis() + " ms"));
      } else {
        broken(FailureKind.CONNECTION_LOST, "it reads nothing, and its socket is full");
      }
    } catch (IOException e) {
      lost();
    }
  }

  /**
   * Its connection has ended; most likely so has its process, of which a report follows closely.
   */
  private void lost() {
    stopWatching();
    timer =
        reactor.schedule(
            EXIT_REPORT_MILLIS,
            TimeUnit.MILLISECONDS,
            () -> broken(FailureKind.CONNECTION_LOST, "its connection ended"));
    worker.onExit(() -> reactor.execute(() -> end(ProbeResult.gone())));
  }

  private void broken(FailureKind kind, String reason) {
    end(ProbeResult.broken(kind, reason));
  }

  /** Waits no more for the answer. The worker is left to whoever calls. */
  void abandon() {
    over = true;
    stopWatching();
    worker.idle();
  }

  private void end(ProbeResult result) {
    if (!over) {
      abandon();
      then.accept(worker.exit().isDone() ? ProbeResult.gone() : result);
    }
  }

  private void stopWatching() {
    if (timer != null) {
      timer.cancel();
    }
    pool.crew().replyWatch().unwatch(worker);
  }
}
