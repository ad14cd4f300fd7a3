// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A result read as a stream; {@link #close} gives its bytes back. For one thread. */
final class LentStream extends InputStream {

  private final ByteBuffer bytes;
  private final Lent lent;
  private boolean closed;

  LentStream(ByteBuffer bytes, Lent lent) {
    this.bytes = bytes;
    this.lent = lent;
  }

  @Override
  public int read() throws IOException {
    check();
    return bytes.hasRemaining() ? bytes.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    check();
    if (length > 0 && !bytes.hasRemaining()) {
      return -1;
    }
    int count = Math.min(length, bytes.remaining());
    bytes.get(target, offset, count);
    return count;
  }

  @Override
  public int available() throws IOException {
    check();
    return bytes.remaining();
  }

  private void check() throws IOException {
    if (closed) {
      throw new IOException("the stream has been closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    lent.close();
  }
}
