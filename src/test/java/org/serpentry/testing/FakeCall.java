// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.serpentry.attachment.BinaryResult;
import org.serpentry.mock.MockCall;
import org.serpentry.protocol.Attachment;
import org.serpentry.protocol.CallHeader;
import org.serpentry.protocol.Credit;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.protocol.SessionState;
import org.serpentry.spi.Codec;

/**
 * A CALL frame, taken apart.
 *
 * @param id the request's
 * @param header its header
 * @param positional arguments by position
 * @param named arguments by name
 * @param state the state of its session that came along, or null
 * @param forms which results may come outside the JSON; null when nothing of the call is about that
 * @param credit a stream's first credit, or null
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of bytes, never compared
record FakeCall(
    long id,
    CallHeader header,
    List<Object> positional,
    Map<String, Object> named,
    byte[] state,
    Integer forms,
    Credit credit) {

  private static final int FIXED = 6;

  /** Reads one. */
  static FakeCall read(Frame frame, Codec codec, FakeMemory memory)
      throws MalformedFrameException, IOException {
    CallHeader header = CallHeader.read(frame.header());
    Map<Integer, ByteBuffer> fields = fields(frame.header());
    memory.learn(fields);
    byte[] payload = frame.payload();
    SessionState.Sent sent = header.state();
    int tail = sent == null || sent.length() == SessionState.HAD ? 0 : sent.length();
    Attachment.Field attached =
        fields.containsKey(HeaderFields.ATTACHMENTS)
            ? Attachment.read(fields.get(HeaderFields.ATTACHMENTS))
            : new Attachment.Field(payload.length - tail, List.of());
    List<Object> positional = new ArrayList<>();
    Map<String, Object> named = new LinkedHashMap<>();
    arguments(
        codec.decode(payload, 0, attached.jsonLength(), Object.class),
        frame.flags() == Frame.FLAG_MIXED,
        positional,
        named);
    for (Attachment entry : attached.entries()) {
      Object value = memory.argument(entry, frame).plain();
      if (entry.name().isEmpty()) {
        positional.set(entry.position(), value);
      } else {
        named.put(entry.name(), value);
      }
    }
    ByteBuffer room = fields.get(HeaderFields.RESULT_ROOM);
    ByteBuffer stream = fields.get(HeaderFields.STREAM);
    return new FakeCall(
        frame.requestId(),
        header,
        positional,
        named,
        tail == 0 ? null : Arrays.copyOfRange(payload, payload.length - tail, payload.length),
        room == null ? null : Integer.valueOf(room.get(room.position())),
        stream == null ? null : Credit.read(bytes(stream)));
  }

  private static Map<Integer, ByteBuffer> fields(byte[] header) throws MalformedFrameException {
    int target = ByteBuffer.wrap(header).getShort(Integer.BYTES) & 0xffff;
    return HeaderFields.read(Arrays.copyOfRange(header, FIXED + target, header.length));
  }

  private static byte[] bytes(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.duplicate().get(bytes);
    return bytes;
  }

  private static void arguments(
      Object given, boolean mixed, List<Object> positional, Map<String, Object> named) {
    if (mixed) {
      List<?> both = (List<?>) given;
      arguments(both.get(0), false, positional, named);
      arguments(both.get(1), false, positional, named);
    } else if (given instanceof List<?> list) {
      positional.addAll(list);
    } else if (given instanceof Map<?, ?> map) {
      map.forEach((name, value) -> named.put(String.valueOf(name), value));
    }
  }

  String target() {
    return header.target();
  }

  /** Whether bytes or an array may come outside the JSON. */
  boolean takesBinary() {
    return forms != null && (forms & BinaryResult.VALUE) != 0;
  }

  /** The call as a script sees it. */
  MockCall scripted(Map<String, Object> before) {
    return new MockCall(
        target(),
        positional,
        named,
        header.session(),
        before,
        Duration.ofMillis(header.remainingMillis()));
  }
}
