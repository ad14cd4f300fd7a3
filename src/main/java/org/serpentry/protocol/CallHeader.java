// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The header of a CALL frame: time left, target and the optional fields.
 *
 * @param remainingMillis time left until the deadline; 0 means no deadline
 * @param target {@code module:function}
 * @param session the session's id, or null
 * @param traceparent the W3C trace context, or null
 * @param state which state of its session the call is for, or null
 */
public record CallHeader(
    long remainingMillis,
    String target,
    String session,
    String traceparent,
    SessionState.Sent state) {

  private static final int TAG_SESSION = 1;
  private static final int TAG_TRACEPARENT = 2;
  private static final long MAX_MILLIS = 0xffff_ffffL;

  /**
   * The length of a header in bytes.
   *
   * @param target the target in UTF-8
   * @param session the session's id in UTF-8, or null
   * @param traceparent the trace context in UTF-8, or null
   * @return the length
   */
  public static int length(byte[] target, byte[] session, byte[] traceparent) {
    return 6 + target.length + fieldLength(session) + fieldLength(traceparent);
  }

  private static int fieldLength(byte[] value) {
    return value == null ? 0 : 3 + value.length;
  }

  /**
   * Writes a header.
   *
   * @param out the buffer, with room for it
   * @param remainingNanos time left in nanoseconds, rounded up to milliseconds; 0 means no
   *     deadline, less that it has passed
   * @param target the target in UTF-8
   * @param session the session's id in UTF-8, or null
   * @param traceparent the trace context in UTF-8, or null
   */
  public static void put(
      ByteBuffer out, long remainingNanos, byte[] target, byte[] session, byte[] traceparent) {
    // A deadline that has just passed must not be sent as none.
    long millis =
        remainingNanos < 0 ? 1 : Math.min(MAX_MILLIS, (remainingNanos + 999_999) / 1_000_000);
    out.putInt((int) millis);
    out.putShort((short) target.length);
    out.put(target);
    putField(out, TAG_SESSION, session);
    putField(out, TAG_TRACEPARENT, traceparent);
  }

  private static void putField(ByteBuffer out, int tag, byte[] value) {
    if (value != null) {
      out.put((byte) tag);
      out.putShort((short) value.length);
      out.put(value);
    }
  }

  /**
   * Reads a header; the host itself never receives one, its tests and fakes do.
   *
   * @param bytes the header's bytes
   * @return the header
   * @throws MalformedFrameException when it is cut short
   */
  public static CallHeader read(byte[] bytes) throws MalformedFrameException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      long remaining = in.getInt() & 0xffff_ffffL;
      String target = text(in, in.getShort() & 0xffff);
      String session = null;
      String traceparent = null;
      SessionState.Sent state = null;
      while (in.hasRemaining()) {
        int tag = in.get();
        byte[] value = bytes(in, in.getShort() & 0xffff);
        switch (tag) {
          case TAG_SESSION -> session = new String(value, StandardCharsets.UTF_8);
          case TAG_TRACEPARENT -> traceparent = new String(value, StandardCharsets.UTF_8);
          case HeaderFields.SESSION_STATE -> state = SessionState.Sent.read(value);
          default -> {
            // Unknown tags are skipped: a newer peer of the same version may send them.
          }
        }
      }
      return new CallHeader(remaining, target, session, traceparent, state);
    } catch (BufferUnderflowException e) {
      throw new MalformedFrameException("call header of " + bytes.length + " bytes is cut short");
    }
  }

  private static String text(ByteBuffer in, int length) {
    return new String(bytes(in, length), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ByteBuffer in, int length) {
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }
}
