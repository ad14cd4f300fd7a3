// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.serpentry.protocol.Frame;

/**
 * Writes the frames of many threads to one connection, each whole and in the order of their giving,
 * as many with one system call as fit into a buffer. No thread waits for another: whoever finds
 * nobody writing writes for all, and what the socket does not take is left to the reactor.
 *
 * <p>{@link #send} may be called by any thread, {@link #writable} by the reactor only.
 */
public final class SharedWriter {

  private static final int BUFFER = 64 * 1024;

  /** A frame's first bytes and its header, at most. */
  private static final int HEAD = Frame.PREFIX + 0xffff;

  /** What tells of a socket that takes no more, and of a broken connection. */
  public interface Events {
    /** Have {@link #writable} called when the socket takes bytes again. Any thread calls. */
    void blocked();

    /**
     * The connection is broken; nothing more is written. Any thread calls, once.
     *
     * @param failure why
     */
    void broken(IOException failure);

    /**
     * The bytes of a frame could not be had, of which some may have been sent: nothing more is
     * written, since it would be taken for the rest. Any thread calls, once.
     *
     * @param thrown what was thrown in their place
     */
    void spoilt(Throwable thrown);
  }

  private final SocketChannel socket;
  private final LongSupplier nanoTime;
  private final Events events;
  private final Queue<Item> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean owned = new AtomicBoolean();

  // The owner's. A head is never parted, so it is written to an empty buffer at worst.
  private final ByteBuffer out = ByteBuffer.allocateDirect(Math.max(BUFFER, HEAD));
  private byte[] body;
  private int bodyFrom;
  private Tail tail;

  /**
   * Shares a connection's sending side, which nobody else uses meanwhile.
   *
   * @param socket the connection, non-blocking
   * @param nanoTime the clock, as {@link System#nanoTime()}
   * @param events told what the writing meets
   */
  public SharedWriter(SocketChannel socket, LongSupplier nanoTime, Events events) {
    this.socket = socket;
    this.nanoTime = nanoTime;
    this.events = events;
    out.limit(0);
  }

  /**
   * Sends a call.
   *
   * @param call the call
   * @param deadline the {@code nanoTime} of its deadline
   */
  public void send(OutgoingCall call, long deadline) {
    add(new Item(call, deadline, call.payload()));
  }

  /**
   * Sends a ready-made frame.
   *
   * @param frame the frame's bytes
   */
  public void send(byte[] frame) {
    add(new Item(null, 0, frame));
  }

  private void add(Item item) {
    queue.add(item);
    if (owned.compareAndSet(false, true)) {
      pump();
    }
  }

  /** Goes on writing, after {@link Events#blocked}. Called by the reactor. */
  public void writable() {
    pump();
  }

  /**
   * Writes what there is. The caller owns the writing, which passes to the reactor when blocked.
   */
  private void pump() {
    do {
      try {
        if (!writeAll()) {
          events.blocked();
          return;
        }
      } catch (IOException e) {
        events.broken(e); // Nobody owns the writing again.
        return;
      } catch (RuntimeException | Error e) {
        events.spoilt(e); // Nor after this; and whoever writes may do so for another.
        return;
      }
      owned.set(false);
    } while (!queue.isEmpty() && owned.compareAndSet(false, true));
  }

  private boolean writeAll() throws IOException {
    while (true) {
      fill();
      if (!out.hasRemaining()) {
        return true;
      }
      if (socket.write(out) == 0) {
        return false;
      }
    }
  }

  private void fill() {
    out.compact();
    while (true) {
      if (body != null) {
        int chunk = Math.min(out.remaining(), body.length - bodyFrom);
        out.put(body, bodyFrom, chunk);
        bodyFrom += chunk;
        if (bodyFrom < body.length) {
          break;
        }
        body = null;
      }
      if (tail != null) {
        if (!tail.copy(out)) {
          break;
        }
        tail = null;
      }
      Item next = queue.peek();
      if (next == null || out.remaining() < next.headLength()) {
        break;
      }
      queue.remove();
      next.putHead(out, nanoTime);
      body = next.body;
      bodyFrom = 0;
      tail = next.call == null ? null : next.call.tail();
    }
    out.flip();
  }

  /** A call and its deadline, or, without a call, a frame that is all body. */
  @SuppressWarnings("ArrayRecordComponent") // a carrier of bytes on the call path, never compared
  private record Item(OutgoingCall call, long deadline, byte[] body) {

    int headLength() {
      return call == null ? 0 : Frame.PREFIX + call.headerLength();
    }

    void putHead(ByteBuffer out, LongSupplier nanoTime) {
      if (call != null) {
        call.putHead(out, deadline - nanoTime.getAsLong());
      }
    }
  }
}
