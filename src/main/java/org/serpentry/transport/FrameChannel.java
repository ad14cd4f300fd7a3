// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.serpentry.protocol.Frame;

/**
 * A non-blocking framed connection with a selector of its own, so that the thread that holds it can
 * wait for bytes with a deadline and be woken by an interrupt or by {@link #sever}, none of which
 * closes the channel.
 *
 * <p>Threads: one owner at a time sends and receives: the holder of the worker's lease, or the
 * reactor. Ownership passes through the pool's lock or the reactor's queue. Only {@link #sever},
 * {@link #lookAgain}, {@link #abandon} and {@link #close} may be called by any thread at any time.
 * {@link #exchange} blocks, nothing else does.
 */
public final class FrameChannel implements Closeable {

  private static final int BUFFER = 64 * 1024;

  private final SocketChannel socket;
  private final Selector selector;
  private final SelectionKey key;
  private SocketChannel sending;
  private SelectionKey sendingKey;
  private int interest = SelectionKey.OP_READ;
  private final LongSupplier nanoTime;
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
  private final FrameReader reader;
  private volatile boolean severed;
  private volatile long abandoned;
  private Consumer<Frame> withHeader = FrameChannel::dropped;
  private Tail tail;
  private byte[] unsent;
  private int unsentFrom;

  /**
   * Takes over a connected socket.
   *
   * @param socket the socket; becomes non-blocking
   * @param frameLimit the largest length field accepted
   * @param nanoTime the clock, as {@link System#nanoTime()}
   * @throws IOException when the socket or a selector fails
   */
  public FrameChannel(SocketChannel socket, int frameLimit, LongSupplier nanoTime)
      throws IOException {
    this.socket = socket;
    this.nanoTime = nanoTime;
    socket.configureBlocking(false);
    this.selector = Selector.open();
    this.key = socket.register(selector, SelectionKey.OP_READ);
    this.sending = socket;
    this.sendingKey = key;
    this.reader = new FrameReader(BUFFER, frameLimit);
    out.limit(0);
  }

  /**
   * The socket, for the reactor to register with its own selector.
   *
   * @return the socket
   */
  public SocketChannel socket() {
    return socket;
  }

  /**
   * The socket on which frames leave.
   *
   * @return the socket, which is that of {@link #socket} until {@link #sendOn}
   */
  public SocketChannel sending() {
    return sending;
  }

  /**
   * Sends on a connection of its own from now on. With one for both directions, the kernel wakes
   * the worker that waits for its next call whenever this side reads a reply, since there is room
   * to write again then. Called before the first call.
   *
   * @param other a connected socket of the same peer; becomes non-blocking, and this channel's to
   *     close
   * @throws IOException when it cannot be watched
   */
  public void sendOn(SocketChannel other) throws IOException {
    other.configureBlocking(false);
    sendingKey = other.register(selector, 0);
    sending = other;
  }

  /**
   * Gives the socket up, open and unread. The channel is of no use any more.
   *
   * @return the socket
   * @throws IOException when the selector cannot be closed
   */
  public SocketChannel release() throws IOException {
    severed = true;
    selector.close();
    return socket;
  }

  /**
   * Changes the largest length field accepted: a connection starts with the handshake's small
   * limit.
   *
   * @param limit the new limit
   */
  public void frameLimit(int limit) {
    reader.limit(limit);
  }

  /**
   * Has every frame with a header seen, whoever receives it and whether it is still wanted. Called
   * before the first call.
   *
   * @param first sees the frame before its receiver does; must not block
   */
  public void onHeader(Consumer<Frame> first) {
    withHeader = first;
  }

  private static void dropped(Frame frame) {}

  private Frame seen(Frame frame) {
    if (frame != null && frame.header().length != 0) {
      withHeader.accept(frame);
    }
    return frame;
  }

  /**
   * Sends a call and waits for the frame with its id; frames with other ids are late replies to
   * calls given up before, and are dropped.
   *
   * @param call the call
   * @param deadline the {@code nanoTime} at which to stop waiting
   * @return the reply
   * @throws ExchangeException when there is none; its reason tells why
   */
  public Frame exchange(OutgoingCall call, long deadline) throws ExchangeException {
    boolean sent = false;
    try {
      begin(call, deadline - nanoTime.getAsLong());
      while (!flush()) {
        await(SelectionKey.OP_WRITE, deadline, false, call.id());
      }
      sent = true;
      while (true) {
        await(SelectionKey.OP_READ, deadline, true, call.id());
        Frame frame = receive();
        while (frame != null) {
          if (frame.requestId() == call.id()) {
            return frame;
          }
          frame = seen(reader.poll());
        }
      }
    } catch (IOException | CancelledKeyException | ClosedSelectorException e) {
      // The latter two: the connection was closed by another thread meanwhile.
      throw new ExchangeException(ExchangeException.reasonOf(e), sent, e);
    }
  }

  /**
   * Puts a call into the outgoing buffer; {@link #flush} sends it.
   *
   * @param call the call
   * @param remainingNanos the time left for it
   */
  public void begin(OutgoingCall call, long remainingNanos) {
    out.clear();
    call.putHead(out, remainingNanos);
    tail = call.tail();
    stage(call.payload());
  }

  /**
   * Puts a ready-made frame into the outgoing buffer; {@link #flush} sends it.
   *
   * @param frame the frame's bytes
   */
  public void begin(byte[] frame) {
    out.clear();
    tail = null;
    stage(frame);
  }

  private void stage(byte[] bytes) {
    int first = Math.min(out.remaining(), bytes.length);
    out.put(bytes, 0, first);
    unsent = first == bytes.length ? null : bytes;
    unsentFrom = first;
    if (tail != null && unsent == null && tail.copy(out)) {
      tail = null;
    }
    out.flip();
  }

  private void stageTail() {
    out.clear();
    if (tail.copy(out)) {
      tail = null;
    }
    out.flip();
  }

  /**
   * Sends as much as the socket takes without blocking.
   *
   * @return whether everything has been sent
   * @throws IOException when the connection is broken
   */
  public boolean flush() throws IOException {
    while (true) {
      while (out.hasRemaining()) {
        if (sending.write(out) == 0) {
          return false;
        }
      }
      if (unsent == null) {
        if (tail == null) {
          return true;
        }
        stageTail();
        continue;
      }
      out.clear();
      int chunk = Math.min(out.remaining(), unsent.length - unsentFrom);
      out.put(unsent, unsentFrom, chunk).flip();
      unsentFrom += chunk;
      if (unsentFrom == unsent.length) {
        unsent = null;
      }
    }
  }

  /**
   * Whether a frame has been sent in part only. Nothing else may be sent then.
   *
   * @return whether bytes are left over
   */
  public boolean midFrame() {
    return unsent != null || tail != null || out.hasRemaining();
  }

  /**
   * Reads what has arrived without blocking, as far as the end of the next frame.
   *
   * @return the next whole frame, or null when all has been read and none is complete
   * @throws IOException when the connection has ended or its bytes are no frame
   */
  public Frame receive() throws IOException {
    Frame frame = reader.poll();
    while (frame == null && reader.fill(socket)) {
      frame = reader.poll();
    }
    return seen(frame);
  }

  private void await(int operation, long deadline, boolean sent, long id)
      throws IOException, ExchangeException {
    if (operation != interest) {
      watch(operation);
    }
    long left = deadline - nanoTime.getAsLong();
    if (left <= 0) {
      throw new ExchangeException(ExchangeException.Reason.DEADLINE, sent, null);
    }
    // A dead worker may have answered before it died: what has arrived still counts.
    boolean gone = severed;
    int ready =
        gone
            ? selector.selectNow(FrameChannel::ignore)
            : selector.select(FrameChannel::ignore, Math.max(1, (left + 999_999) / 1_000_000));
    if (ready == 0 && gone) {
      throw new ExchangeException(ExchangeException.Reason.SEVERED, sent, null);
    }
    if (ready == 0 && Thread.currentThread().isInterrupted()) {
      throw new ExchangeException(ExchangeException.Reason.INTERRUPTED, sent, null);
    }
    if (ready == 0 && abandoned == id) {
      throw new ExchangeException(ExchangeException.Reason.ABANDONED, sent, null);
    }
  }

  private void watch(int operation) {
    if (sendingKey != key) {
      sendingKey.interestOps(operation & SelectionKey.OP_WRITE);
      key.interestOps(operation & SelectionKey.OP_READ);
    } else {
      key.interestOps(operation);
    }
    interest = operation;
  }

  /** The key's readiness shows in what a read or write then does. */
  private static void ignore(SelectionKey ready) {}

  /** Has a thread that waits in {@link #exchange} look at its deadline, since the clock jumped. */
  public void lookAgain() {
    selector.wakeup();
  }

  /**
   * Has the thread that waits in {@link #exchange} for a call give it up; nothing happens when no
   * thread does.
   *
   * @param id the call's request id
   */
  public void abandon(long id) {
    abandoned = id;
    selector.wakeup();
  }

  /** Tells a thread that waits in {@link #exchange} that the worker is gone. */
  public void sever() {
    severed = true;
    selector.wakeup();
  }

  /**
   * Ends the sending side, which is how a worker is asked to leave.
   *
   * @throws IOException when the connection is broken already
   */
  public void shutdownOutput() throws IOException {
    sending.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    severed = true;
    try (selector;
        SocketChannel other = sending) {
      socket.close();
    }
  }
}
