// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;

/** The words in which a worker notes the calls that it begins. Any thread. */
final class FakeWords {

  private static final long ENDED = 1L << 63;
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ByteBuffer memory;
  private final int first;
  private final int count;
  private final BitSet used = new BitSet();
  private final ReentrantLock lock = new ReentrantLock();

  /** The words of a worker with this many places, from an offset on. */
  FakeWords(ByteBuffer memory, int first, int places) {
    this.memory = memory;
    this.first = first;
    this.count = places == 1 ? 1 : 2 * places;
  }

  /** Notes that a call begins; returns its word. */
  int begin(long id) {
    lock.lock();
    try {
      int word = count == 1 ? 0 : used.nextClearBit(0);
      used.set(word);
      LONG.setVolatile(memory, first + word * Long.BYTES, id);
      return word;
    } finally {
      lock.unlock();
    }
  }

  /** Notes that its reply has been written. */
  void end(int word, long id) {
    lock.lock();
    try {
      // A worker with one word may have begun the next call by now.
      LONG.compareAndSet(memory, first + word * Long.BYTES, id, id | ENDED);
      used.clear(word);
    } finally {
      lock.unlock();
    }
  }
}
