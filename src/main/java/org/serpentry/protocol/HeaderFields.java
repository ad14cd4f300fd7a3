// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The optional fields of a header, each a tag, a length and a value: at the end of a CALL's, and
 * all there is of a RESULT's and an ERROR's.
 */
public final class HeaderFields {

  /** Binary attachments, see {@link Attachment}. */
  public static final int ATTACHMENTS = 3;

  /** Which state of a session, see {@link SessionState}. */
  public static final int SESSION_STATE = 4;

  /** CALL: the tracestate of its W3C trace context, text. */
  public static final int TRACESTATE = 5;

  /** CALL: the W3C baggage of its caller, text. */
  public static final int BAGGAGE = 6;

  /** CALL: which results may come as attachments, and how much shared memory they may take. */
  public static final int RESULT_ROOM = 8;

  /** Segments that the receiver has not met yet. */
  public static final int SEGMENTS = 9;

  /** RESULT and ERROR: the call's segments are free again, but for some. */
  public static final int KEPT = 10;

  /** Segments of its own that the sender has unmapped. */
  public static final int DROPPED = 11;

  /** RESULT and ERROR: which parameters of the function take tables. */
  public static final int FRAMES = 12;

  /** CALL: its items are wanted one by one, see {@link Credit}. */
  public static final int STREAM = 13;

  private static final int MAX_VALUE = 0xffff;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /**
   * Adds a field.
   *
   * @param tag its tag
   * @param value its value
   * @throws IllegalArgumentException when the value is longer than 65,535 bytes
   */
  public void put(int tag, byte[] value) {
    if (value.length > MAX_VALUE) {
      throw new IllegalArgumentException(
          "field %d of %d bytes exceeds %d".formatted(tag, value.length, MAX_VALUE));
    }
    out.write(tag);
    out.write(value.length >>> 8);
    out.write(value.length);
    out.writeBytes(value);
  }

  /**
   * The fields' bytes.
   *
   * @return a copy
   */
  public byte[] toByteArray() {
    return out.toByteArray();
  }

  /**
   * How many bytes the fields take so far.
   *
   * @return the number
   */
  public int length() {
    return out.size();
  }

  /**
   * Looks for one field.
   *
   * @param header a reply's header
   * @param tag the field's tag
   * @return its value, or null when it is not there or the header ends before
   */
  public static ByteBuffer find(byte[] header, int tag) {
    try {
      return read(header).get(tag);
    } catch (MalformedFrameException e) {
      return null;
    }
  }

  /**
   * Takes fields apart.
   *
   * @param header a reply's header
   * @return the values by their tags
   * @throws MalformedFrameException when it is cut short
   */
  public static Map<Integer, ByteBuffer> read(byte[] header) throws MalformedFrameException {
    Map<Integer, ByteBuffer> fields = new HashMap<>();
    ByteBuffer in = ByteBuffer.wrap(header);
    while (in.hasRemaining()) {
      if (in.remaining() < 3) {
        throw new MalformedFrameException("a header ends within a field");
      }
      int tag = in.get() & 0xff;
      int length = in.getShort() & 0xffff;
      if (length > in.remaining()) {
        throw new MalformedFrameException(
            "field %d of %d bytes does not fit its header".formatted(tag, length));
      }
      fields.put(tag, in.slice().limit(length));
      in.position(in.position() + length);
    }
    return fields;
  }
}
