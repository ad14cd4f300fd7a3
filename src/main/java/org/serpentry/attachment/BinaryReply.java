// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.serpentry.protocol.Attachment;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.protocol.MalformedFrameException;

/** Finds the result that came outside a reply's JSON. */
public final class BinaryReply {

  private BinaryReply() {}

  /**
   * The result that a reply carries in its frame.
   *
   * @param reply the reply, with a header
   * @return the result, or null when it is in the JSON
   * @throws MalformedFrameException when it is not where its header says
   */
  public static Lent of(Frame reply) throws MalformedFrameException {
    Map<Integer, ByteBuffer> fields = HeaderFields.read(reply.header());
    ByteBuffer value = fields.get(HeaderFields.ATTACHMENTS);
    if (value == null) {
      return null;
    }
    Attachment.Field field = Attachment.read(value);
    if (field.entries().size() != 1) {
      throw new MalformedFrameException(field.entries().size() + " results");
    }
    Attachment entry = field.entries().get(0);
    long start = entry.offset() - Frame.PREFIX - reply.header().length;
    byte[] payload = reply.payload();
    if (start < field.jsonLength() || start > payload.length - entry.length()) {
      throw new MalformedFrameException(entry + " is not in a payload of " + payload.length);
    }
    ByteBuffer bytes = ByteBuffer.wrap(payload, (int) start, (int) entry.length()).slice();
    return Lent.owned(entry, bytes);
  }

  /**
   * The value of a type that cannot be read from JSON, when JSON came.
   *
   * @param json the result
   * @return null for {@code None}
   * @throws MismatchException for everything else
   */
  public static Object fromJson(byte[] json) {
    if (json.length == 4 && new String(json, StandardCharsets.US_ASCII).equals("null")) {
      return null;
    }
    throw new MismatchException(
        "bytes, a memoryview or an array of numbers", "a value that travels as JSON");
  }
}
