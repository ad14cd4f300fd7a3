// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.config.StreamConfig;
import org.serpentry.protocol.Credit;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.Worker;

/**
 * What one attempt of a stream's call has to do with its worker: it takes the items in, gives
 * credit and looks after their coming. Its items are the reader's, everything else runs on the
 * reactor.
 */
final class Feed {

  /** The attempt, as its feed needs it. */
  interface Line {
    /** Has a ready-made frame sent to the worker. */
    void tell(byte[] frame);

    /** Ends the call, since no item came in time. */
    void stalled(CallTimeoutException failure);
  }

  private final WorkerPool pool;
  private final Reactor reactor;
  private final CallRequest request;
  private final Inflow inflow;
  private final Worker worker;
  private final long id;
  private final Line line;
  private final Credit window;
  private final Duration idle;

  // The reactor's: what the worker may still send.
  private long items;
  private long bytes;
  private long heard;
  private boolean over;
  private Reactor.Timer timer;

  // The reader's: what it has taken that the worker does not know of.
  private int takenItems;
  private long takenBytes;

  private Feed(
      WorkerPool pool, CallRequest request, Inflow inflow, Worker worker, long id, Line line) {
    this.pool = pool;
    this.reactor = pool.context().reactor();
    this.request = request;
    this.inflow = inflow;
    this.worker = worker;
    this.id = id;
    this.line = line;
    this.window = window(pool.config().streams());
    this.idle = inflow.idle() != null ? inflow.idle() : pool.config().streams().streamIdleTimeout();
    this.items = window.items();
    this.bytes = window.bytes();
  }

  /** The feed of an attempt; null when its call is no stream. */
  static Feed of(WorkerPool pool, CallRequest request, Worker worker, long id, Line line) {
    return request.inflow() == null
        ? null
        : new Feed(pool, request, request.inflow(), worker, id, line);
  }

  /** What a call of a stream begins with. */
  static Credit window(StreamConfig config) {
    return new Credit(config.streamWindow(), config.streamBuffer());
  }

  /** The call is under way. */
  void began() {
    heard = now();
    if (!over && !idle.isZero()) {
      look(WorkerPool.nanos(idle));
    }
  }

  private long now() {
    return pool.context().nanoTime().getAsLong();
  }

  private void look(long nanos) {
    timer = reactor.schedule(nanos, TimeUnit.NANOSECONDS, this::look);
  }

  private void look() {
    if (over) {
      return;
    }
    long longest = WorkerPool.nanos(idle);
    long left = exhausted() ? longest : heard + longest - now();
    if (left > 0) {
      look(left);
    } else {
      line.stalled(pool.failures().stalled(request, worker, id, idle));
    }
  }

  private boolean exhausted() {
    return items <= 0 || bytes <= 0;
  }

  /** Takes in an item. Throws when the worker had no credit for it. */
  void item(Frame frame) throws MalformedFrameException {
    if (exhausted()) {
      throw new MalformedFrameException("an ITEM without credit");
    }
    int length = frame.payload().length;
    items--;
    bytes -= length;
    heard = now();
    inflow.offer(new Received(frame.payload()));
  }

  /** The attempt has ended. */
  void over() {
    over = true;
    if (timer != null) {
      timer.cancel();
    }
  }

  private void grant(Credit credit) {
    if (over) {
      return;
    }
    if (exhausted()) {
      heard = now(); // It could not send before.
    }
    items += credit.items();
    bytes += credit.bytes();
    line.tell(credit.frame(id));
  }

  // ---- the reader's

  /** An item that has come; its value is made where it is wanted. */
  private final class Received implements Inflow.Item {
    private final byte[] payload;

    Received(byte[] payload) {
      this.payload = payload;
    }

    @Override
    public Object value() {
      return pool.replies().item(request, worker, id, payload, inflow.itemType());
    }

    @Override
    public void taken() {
      Feed.this.taken(payload.length);
    }
  }

  private void taken(int length) {
    takenItems++;
    takenBytes += length;
    if (takenItems >= (window.items() + 1) / 2 || takenBytes >= window.bytes() / 2) {
      Credit credit = new Credit(takenItems, takenBytes);
      takenItems = 0;
      takenBytes = 0;
      reactor.execute(() -> grant(credit));
    }
  }
}
