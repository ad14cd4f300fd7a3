// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.serpentry.attachment.BinaryArguments.Item;
import org.serpentry.protocol.Attachment;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.transport.OutgoingCall;

/** Adds to a call what of it travels outside the JSON. */
public final class BinaryCall {

  private BinaryCall() {}

  /**
   * A call with its binary arguments and its wishes for the result.
   *
   * @param plain the call with the arguments that stay in the JSON
   * @param headerLength the length of the plain call's header
   * @param arguments the others, or null
   * @param forms which results may come outside the JSON
   * @return the call to send
   */
  public static OutgoingCall of(
      OutgoingCall plain, int headerLength, BinaryArguments arguments, int forms) {
    HeaderFields fields = new HeaderFields();
    if (forms != BinaryResult.NONE) {
      fields.put(HeaderFields.RESULT_ROOM, room(forms, 0));
    }
    FrameTail tail = null;
    if (arguments != null) {
      List<Item> items = arguments.items();
      long end =
          (long) Frame.PREFIX
              + headerLength
              + fields.toByteArray().length
              + arguments.fieldLength()
              + plain.payload().length;
      tail = new FrameTail(items, end);
      List<Attachment> entries = new ArrayList<>();
      long at = Attachment.aligned(end);
      for (Item item : items) {
        entries.add(item.entry(Attachment.IN_FRAME, at));
        at = Attachment.aligned(at + item.data().byteLength());
      }
      fields.put(HeaderFields.ATTACHMENTS, Attachment.field(plain.payload().length, entries));
    }
    return new OutgoingCall(
        plain.id(),
        plain.flags(),
        plain.target(),
        plain.session(),
        plain.traceparent(),
        plain.payload(),
        fields.toByteArray(),
        tail);
  }

  private static byte[] room(int forms, long grant) {
    return ByteBuffer.allocate(1 + Long.BYTES).put((byte) forms).putLong(grant).array();
  }
}
