// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import java.nio.ByteBuffer;

/**
 * One frame, copied out of its channel's buffer. The arrays are the receiver's own; nobody else
 * keeps them.
 *
 * @param kind what it is
 * @param flags its flag bits
 * @param requestId the request that it belongs to, or 0
 * @param header its header's bytes
 * @param payload its payload's bytes
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of bytes on the call path, never compared
public record Frame(FrameKind kind, int flags, long requestId, byte[] header, byte[] payload) {

  /** The bytes before a frame's header: length, kind, flags, header length, request id. */
  public static final int PREFIX = 16;

  /** What the length field counts besides header and payload. */
  public static final int COUNTED_PREFIX = 12;

  /** CALL only: the payload holds positional and named arguments, {@code [[…], {…}]}. */
  public static final int FLAG_MIXED = 1;

  /** The longest target of a call in bytes. */
  public static final int MAX_TARGET = 512;

  private static final byte[] NONE = new byte[0];

  /**
   * Writes a frame's first 16 bytes.
   *
   * @param out the buffer, with room for them
   * @param kind the frame's kind
   * @param flags the frame's flags
   * @param requestId the request id, or 0
   * @param headerLength the header's length in bytes, at most 65,535
   * @param payloadLength the payload's length in bytes
   */
  public static void putPrefix(
      ByteBuffer out,
      FrameKind kind,
      int flags,
      long requestId,
      int headerLength,
      int payloadLength) {
    out.putInt(COUNTED_PREFIX + headerLength + payloadLength);
    out.put(kind.code());
    out.put((byte) flags);
    out.putShort((short) headerLength);
    out.putLong(requestId);
  }

  /**
   * A whole frame without a header in an array of its own; for the handshake, cancel and the
   * control channel, not for calls.
   *
   * @param kind the frame's kind
   * @param requestId the request id, or 0
   * @param payload the payload
   * @return the frame's bytes
   */
  public static byte[] bytes(FrameKind kind, long requestId, byte[] payload) {
    ByteBuffer out = ByteBuffer.allocate(PREFIX + payload.length);
    putPrefix(out, kind, 0, requestId, 0, payload.length);
    out.put(payload);
    return out.array();
  }

  /**
   * The CANCEL frame of a request.
   *
   * @param requestId the request's id
   * @return the frame's bytes
   */
  public static byte[] cancel(long requestId) {
    return bytes(FrameKind.CANCEL, requestId, NONE);
  }

  /**
   * Checks the length field of a frame.
   *
   * @param length the field's value
   * @param limit the largest value allowed
   * @throws MalformedFrameException when it is out of bounds
   */
  public static void checkLength(int length, int limit) throws MalformedFrameException {
    if (length < COUNTED_PREFIX || length > limit) {
      throw new MalformedFrameException(
          "frame length "
              + (length & 0xffffffffL)
              + " is not between "
              + COUNTED_PREFIX
              + " and "
              + limit);
    }
  }

  /**
   * Reads a frame's fields after its length.
   *
   * @param in a buffer at the byte after the length field, holding the whole frame
   * @param length the length field's value
   * @return the frame
   * @throws MalformedFrameException when kind, flags or header length are not of this protocol
   */
  public static Frame read(ByteBuffer in, int length) throws MalformedFrameException {
    FrameKind kind = FrameKind.of(in.get());
    int flags = in.get() & 0xff;
    int headerLength = in.getShort() & 0xffff;
    long requestId = in.getLong();
    checkFields(kind, flags, headerLength, length);
    byte[] header = headerLength == 0 ? NONE : new byte[headerLength];
    in.get(header);
    byte[] payload = new byte[length - COUNTED_PREFIX - headerLength];
    in.get(payload);
    return new Frame(kind, flags, requestId, header, payload);
  }

  private static void checkFields(FrameKind kind, int flags, int headerLength, int length)
      throws MalformedFrameException {
    if (flags != 0 && (flags != FLAG_MIXED || kind != FrameKind.CALL)) {
      throw new MalformedFrameException("flags " + flags + " are not defined for " + kind);
    }
    if (headerLength > length - COUNTED_PREFIX) {
      throw new MalformedFrameException(
          "header length " + headerLength + " does not fit into frame length " + length);
    }
  }
}
