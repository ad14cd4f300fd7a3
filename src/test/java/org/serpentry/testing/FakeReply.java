// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.serpentry.attachment.BinaryValue;
import org.serpentry.protocol.Attachment;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.HeaderFields;
import org.serpentry.spi.Codec;

/**
 * What a worker of the bridge mock ends a call with.
 *
 * @param kind RESULT or ERROR
 * @param header the fields of its header
 * @param payload its JSON, what comes outside it, and a session's state
 * @param exitCode the exit status with which the worker dies in its place, or null
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of bytes, never compared
record FakeReply(FrameKind kind, byte[] header, byte[] payload, Integer exitCode) {

  private static final byte[] NONE = new byte[0];
  private static final int CHANGED = 13;

  /** A session's state that a call has changed. */
  record Changed(long version, byte[] json) {}

  static FakeReply death(int exitCode) {
    return new FakeReply(FrameKind.ERROR, NONE, NONE, exitCode);
  }

  static FakeReply error(
      Codec codec,
      FakeCall call,
      String code,
      String type,
      String message,
      Map<String, Object> details) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("code", code);
    members.put("type", type);
    members.put("message", message);
    members.put("traceback", "");
    members.put("frames", List.of());
    members.put("details", details);
    byte[] header = fields(call, null).toByteArray();
    return new FakeReply(FrameKind.ERROR, header, codec.encode(members), null);
  }

  static FakeReply result(Codec codec, FakeCall call, Object value, Changed changed) {
    BinaryValue binary = BinaryValue.of(value);
    HeaderFields fields = fields(call, changed);
    if (binary == null || !call.takesBinary()) {
      byte[] json = codec.encode(binary == null ? value : binary.json());
      return result(fields, json, NONE, changed);
    }
    byte[] json = codec.encode(null);
    // An entry's length does not depend on its place.
    int field = Attachment.field(json.length, List.of(binary.at(0))).length;
    int end = Frame.PREFIX + fields.length() + 3 + field + json.length;
    long start = Attachment.aligned(end);
    fields.put(HeaderFields.ATTACHMENTS, Attachment.field(json.length, List.of(binary.at(start))));
    ByteBuffer outside = ByteBuffer.allocate((int) (start - end) + binary.bytes().remaining());
    outside.position((int) (start - end)).put(binary.bytes().duplicate());
    return result(fields, json, outside.array(), changed);
  }

  private static FakeReply result(
      HeaderFields fields, byte[] json, byte[] outside, Changed changed) {
    byte[] state = changed == null ? NONE : changed.json();
    ByteBuffer payload = ByteBuffer.allocate(json.length + outside.length + state.length);
    payload.put(json).put(outside).put(state);
    return new FakeReply(FrameKind.RESULT, fields.toByteArray(), payload.array(), null);
  }

  private static HeaderFields fields(FakeCall call, Changed changed) {
    HeaderFields fields = new HeaderFields();
    if (call != null && call.forms() != null) {
      fields.put(HeaderFields.KEPT, new byte[Short.BYTES]); // None: they have been copied.
    }
    if (changed != null) {
      fields.put(
          HeaderFields.SESSION_STATE,
          ByteBuffer.allocate(CHANGED)
              .putLong(changed.version())
              .put((byte) 1)
              .putInt(changed.json().length)
              .array());
    }
    return fields;
  }

  /** How long its frame is, as the limit counts. */
  long size() {
    return (long) Frame.COUNTED_PREFIX + header.length + payload.length;
  }
}
