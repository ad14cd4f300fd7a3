// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.nio.ByteBuffer;
import org.serpentry.protocol.Attachment;

/** The bytes of a result, until they are given back. {@link #close} may be called by any thread. */
public interface Lent extends AutoCloseable {

  /**
   * What they are.
   *
   * @return the entry that came with them
   */
  Attachment entry();

  /**
   * The bytes.
   *
   * @return a buffer from its position to its limit
   */
  ByteBuffer bytes();

  /**
   * Whether they lie in memory that is used again after {@link #close}.
   *
   * @return false when they are the receiver's own
   */
  boolean shared();

  @Override
  void close();

  /**
   * Bytes that are the receiver's own.
   *
   * @param entry what they are
   * @param bytes the bytes
   * @return what never has to be given back
   */
  static Lent owned(Attachment entry, ByteBuffer bytes) {
    return new Lent() {
      @Override
      public Attachment entry() {
        return entry;
      }

      @Override
      public ByteBuffer bytes() {
        return bytes;
      }

      @Override
      public boolean shared() {
        return false;
      }

      @Override
      public void close() {
        // nobody waits for them
      }
    };
  }
}
