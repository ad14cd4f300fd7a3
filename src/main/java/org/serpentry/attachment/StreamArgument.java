// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A stream given as an argument. A request may be used several times, and a call tried again, but a
 * stream can be read once: so it is read, and closed, when it is first needed, and kept. Any thread
 * may ask.
 */
public final class StreamArgument {

  private final ReentrantLock lock = new ReentrantLock();
  private InputStream stream;
  private byte[] bytes;

  /**
   * Holds a stream.
   *
   * @param stream becomes this object's own
   */
  public StreamArgument(InputStream stream) {
    this.stream = stream;
  }

  /**
   * A value as a request keeps it.
   *
   * @param value any argument
   * @return the value, or what holds it when it is a stream
   */
  public static Object held(Object value) {
    return value instanceof InputStream in ? new StreamArgument(in) : value;
  }

  ByteBuffer bytes() {
    lock.lock();
    try {
      if (bytes == null) {
        try (InputStream in = stream) {
          bytes = in.readAllBytes();
        }
        stream = null;
      }
      return ByteBuffer.wrap(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("a stream given as an argument failed: " + e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }
}
