// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.serpentry.protocol.Frame;

/**
 * Cuts a stream of bytes into frames. Frames that fit into the fixed direct buffer are copied out
 * of it once; a larger one is gathered in an array of its own, which is not kept. Used by one
 * thread at a time, the channel's owner.
 */
final class FrameReader {

  private static final int LENGTH_FIELD = 4;

  private final ByteBuffer in;
  private int limit;
  private ByteBuffer large;
  private int largeLength;

  FrameReader(int capacity, int limit) {
    this.in = ByteBuffer.allocateDirect(capacity).limit(0);
    this.limit = limit;
  }

  void limit(int newLimit) {
    this.limit = newLimit;
  }

  /** Returns the next frame among the bytes read so far, or null. */
  Frame poll() throws IOException {
    if (large != null) {
      return pollLarge();
    }
    if (in.remaining() < LENGTH_FIELD) {
      return null;
    }
    int length = in.getInt(in.position());
    Frame.checkLength(length, limit);
    if (in.remaining() - LENGTH_FIELD >= length) {
      in.position(in.position() + LENGTH_FIELD);
      return Frame.read(in, length);
    }
    if (length > in.capacity() - LENGTH_FIELD) {
      // First of all: where there is no memory for it, the reader must be as it was.
      large = ByteBuffer.allocate(length);
      in.position(in.position() + LENGTH_FIELD);
      largeLength = length;
      large.put(in);
    }
    return null;
  }

  private Frame pollLarge() throws IOException {
    if (large.hasRemaining()) {
      return null;
    }
    ByteBuffer whole = large.flip();
    large = null;
    return Frame.read(whole, largeLength);
  }

  /** Reads what has arrived; false when nothing had, EOFException at the end of the stream. */
  boolean fill(ReadableByteChannel channel) throws IOException {
    if (large == null) {
      in.compact();
      int count;
      try {
        count = channel.read(in);
      } finally {
        in.flip();
      }
      return some(count);
    }
    boolean any = false;
    while (large.hasRemaining()) {
      in.clear();
      in.limit(Math.min(in.capacity(), large.remaining()));
      int count;
      try {
        count = channel.read(in);
      } finally {
        in.flip();
      }
      if (count <= 0) {
        return any || some(count);
      }
      any = true;
      large.put(in);
    }
    return any;
  }

  private static boolean some(int count) throws EOFException {
    if (count < 0) {
      throw new EOFException("the peer closed the connection");
    }
    return count > 0;
  }
}
