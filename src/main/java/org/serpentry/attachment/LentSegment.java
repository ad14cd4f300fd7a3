// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.serpentry.protocol.Attachment;

/**
 * A result in a segment. One that is never given back is noticed when the collector finds it: its
 * segment is then not used again, since views of it may be left.
 */
final class LentSegment implements Lent {

  private static final Cleaner CLEANER = Cleaner.create();

  /** What must not refer to the result itself. */
  private static final class Return implements Runnable {
    private final ResultMemory memory;
    private final int segment;
    private final AtomicBoolean done = new AtomicBoolean();

    Return(ResultMemory memory, int segment) {
      this.memory = memory;
      this.segment = segment;
    }

    @Override
    public void run() {
      give(true);
    }

    void give(boolean lost) {
      if (done.compareAndSet(false, true)) {
        memory.giveBack(segment, lost);
      }
    }
  }

  private final Attachment entry;
  private final ByteBuffer bytes;
  private final Return back;

  @SuppressWarnings("FutureReturnValueIgnored")
  LentSegment(ResultMemory memory, Attachment entry, ByteBuffer bytes) {
    this.entry = entry;
    this.bytes = bytes;
    this.back = new Return(memory, entry.segment());
    CLEANER.register(this, back);
  }

  @Override
  public Attachment entry() {
    return entry;
  }

  @Override
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  @Override
  public boolean shared() {
    return true;
  }

  @Override
  public void close() {
    back.give(false);
  }
}
