// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.nio.ByteBuffer;
import java.util.List;
import org.serpentry.attachment.BinaryArguments.Item;
import org.serpentry.protocol.Attachment;
import org.serpentry.transport.Tail;

/** Attachments at the end of a call's frame, each on a boundary. Used by one thread at a time. */
final class FrameTail implements Tail {

  private final List<Item> items;
  private final long length;
  private int pad;
  private int current;
  private long from;

  /** Begins at an offset of the frame, with as many zeros as lead to a boundary. */
  FrameTail(List<Item> items, long offset) {
    this.items = items;
    this.pad = (int) (Attachment.aligned(offset) - offset);
    long end = Attachment.aligned(offset);
    for (Item item : items) {
      end = Attachment.aligned(end) + item.data().byteLength();
    }
    this.length = end - offset;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public boolean copy(ByteBuffer out) {
    while (current < items.size()) {
      while (pad > 0) {
        if (!out.hasRemaining()) {
          return false;
        }
        out.put((byte) 0);
        pad--;
      }
      Item item = items.get(current);
      long all = item.data().byteLength();
      int before = out.position();
      item.data().copyTo(from, out);
      from += out.position() - before;
      if (from < all) {
        return false;
      }
      from = 0;
      current++;
      pad = current < items.size() ? (int) (Attachment.aligned(all) - all) : 0;
    }
    return true;
  }
}
