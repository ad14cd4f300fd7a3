// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import java.nio.ByteBuffer;
import org.serpentry.protocol.CallHeader;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;

/**
 * A call ready to be sent.
 *
 * @param id its request id
 * @param flags the frame's flags
 * @param target its target in UTF-8
 * @param session the session's id in UTF-8, or null
 * @param traceparent the W3C trace context in UTF-8, or null
 * @param payload its encoded arguments
 * @param fields further fields of its header, at most {@link #MAX_FIELDS} bytes, or null
 * @param tail what follows the payload, or null
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of bytes on the call path, never compared
public record OutgoingCall(
    long id,
    int flags,
    byte[] target,
    byte[] session,
    byte[] traceparent,
    byte[] payload,
    byte[] fields,
    Tail tail) {

  /** The most bytes of further fields: a frame's head must fit into a channel's buffer. */
  public static final int MAX_FIELDS = 48 * 1024;

  /** A call without further fields. */
  public OutgoingCall(
      long id, int flags, byte[] target, byte[] session, byte[] traceparent, byte[] payload) {
    this(id, flags, target, session, traceparent, payload, null, null);
  }

  /**
   * What its frame's length field says.
   *
   * @return bytes
   */
  public long size() {
    return (long) Frame.COUNTED_PREFIX
        + headerLength()
        + payload.length
        + (tail == null ? 0 : tail.length());
  }

  int headerLength() {
    int length = CallHeader.length(target, session, traceparent);
    return fields == null ? length : length + fields.length;
  }

  /** Writes everything up to the payload. */
  void putHead(ByteBuffer out, long remainingNanos) {
    int length = payload.length;
    if (tail != null) {
      length = Math.toIntExact(length + tail.length());
    }
    Frame.putPrefix(out, FrameKind.CALL, flags, id, headerLength(), length);
    // Whoever calls has a deadline, and 0 would mean none.
    CallHeader.put(out, Math.max(1, remainingNanos), target, session, traceparent);
    if (fields != null) {
      out.put(fields);
    }
  }
}
