// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import java.nio.ByteBuffer;

/**
 * The field 4 of a call's and a result's header: which state of a session, and what became of it.
 */
public final class SessionState {

  private static final int FIELD = 3;
  private static final int CHANGED = 1;
  private static final int KEEPS_LOCAL = 2;
  private static final int SENT = 20;
  private static final int RETURNED = 13;

  /** As {@link Sent#length}: no state comes along, the worker has it. */
  public static final int HAD = -1;

  private SessionState() {}

  /**
   * What a call says of its session's state.
   *
   * @param serial the session's number
   * @param version the state's version; 0 for the empty state of a new session
   * @param length how many bytes at the payload's end are the state, or {@link #HAD}
   */
  public record Sent(long serial, long version, int length) {

    /**
     * The field, with its tag and length.
     *
     * @return its bytes
     */
    public byte[] field() {
      int size = length == HAD ? SENT - 4 : SENT;
      ByteBuffer out = ByteBuffer.allocate(FIELD + size);
      out.put((byte) HeaderFields.SESSION_STATE).putShort((short) size);
      out.putLong(serial).putLong(version);
      if (length != HAD) {
        out.putInt(length);
      }
      return out.array();
    }

    static Sent read(byte[] value) throws MalformedFrameException {
      if (value.length != SENT && value.length != SENT - 4) {
        throw new MalformedFrameException(
            "a session state field of a call has 16 or 20 bytes, not " + value.length);
      }
      ByteBuffer in = ByteBuffer.wrap(value);
      return new Sent(in.getLong(), in.getLong(), value.length == SENT ? in.getInt() : HAD);
    }
  }

  /**
   * What a result says of its session's state.
   *
   * @param version the version that the worker has now
   * @param changed whether the call changed the state, so that it comes along
   * @param keepsLocal whether the session keeps things on the worker that do not travel
   * @param length how many bytes at the payload's end are the state; 0 when it has not changed
   */
  public record Returned(long version, boolean changed, boolean keepsLocal, int length) {}

  /**
   * Reads the field in a result's header.
   *
   * @param header the header
   * @param payload the payload's length
   * @return what it says; null when there is no such field: nothing has changed
   * @throws MalformedFrameException when it is cut short or does not fit the payload
   */
  public static Returned returned(byte[] header, int payload) throws MalformedFrameException {
    ByteBuffer in = HeaderFields.read(header).get(HeaderFields.SESSION_STATE);
    if (in == null) {
      return null;
    }
    if (in.remaining() != RETURNED) {
      throw new MalformedFrameException(
          "a session state field of a result has 13 bytes, not " + in.remaining());
    }
    long version = in.getLong();
    int flags = in.get();
    int size = in.getInt();
    boolean changed = (flags & CHANGED) != 0;
    if (size < 0 || size > payload || (!changed && size != 0)) {
      throw new MalformedFrameException(
          "a session state of " + size + " bytes does not fit a payload of " + payload);
    }
    return new Returned(version, changed, (flags & KEEPS_LOCAL) != 0, size);
  }
}
