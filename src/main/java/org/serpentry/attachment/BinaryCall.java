// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

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
   * A call with its binary arguments and its wishes for the result. When something is thrown, the
   * memory is as if there had been no such call.
   *
   * @param plain the call with the arguments that stay in the JSON
   * @param headerLength the length of the plain call's header
   * @param arguments the others, or null
   * @param forms which results may come outside the JSON
   * @param memory what is shared with the worker that is to run it
   * @return the call to send
   */
  public static OutgoingCall of(
      OutgoingCall plain,
      int headerLength,
      BinaryArguments arguments,
      int forms,
      WorkerMemory memory) {
    HeaderFields fields = new HeaderFields();
    try {
      return of(plain, headerLength, arguments, forms, memory, fields);
    } catch (RuntimeException | Error e) {
      memory.unsent(plain.id(), fields.toByteArray());
      throw e;
    }
  }

  private static OutgoingCall of(
      OutgoingCall plain,
      int headerLength,
      BinaryArguments arguments,
      int forms,
      WorkerMemory memory,
      HeaderFields fields) {
    // The room comes always: it has the worker tell when the call is over.
    fields.put(HeaderFields.RESULT_ROOM, memory.results().room(plain.id(), forms));
    FrameTail tail = null;
    if (arguments != null) {
      List<Item> items = arguments.items();
      Segment segment = memory.lend(plain.id(), arguments, fields);
      long at = 0;
      if (segment == null) {
        long end =
            (long) Frame.PREFIX
                + headerLength
                + fields.length()
                + arguments.fieldLength()
                + plain.payload().length;
        tail = new FrameTail(items, end);
        at = Attachment.aligned(end);
      }
      List<Attachment> entries = new ArrayList<>();
      for (Item item : items) {
        entries.add(item.entry(segment == null ? Attachment.IN_FRAME : segment.number(), at));
        at = Attachment.aligned(at + item.data().byteLength());
      }
      fields.put(HeaderFields.ATTACHMENTS, Attachment.field(plain.payload().length, entries));
    }
    if (fields.length() > OutgoingCall.MAX_FIELDS) {
      throw new IllegalArgumentException(
          "the call has %d bytes and arrays as arguments, too many for its header"
              .formatted(arguments == null ? 0 : arguments.items().size()));
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
}
