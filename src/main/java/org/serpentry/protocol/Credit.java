// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import java.nio.ByteBuffer;

/**
 * How much of a stream a worker may send: the value of a call's field {@link HeaderFields#STREAM}
 * and the payload of a CREDIT frame.
 *
 * @param items how many items
 * @param bytes how many bytes they may have together
 */
public record Credit(int items, long bytes) {

  /** Its length in bytes. */
  public static final int LENGTH = 12;

  /**
   * Its bytes.
   *
   * @return {@link #LENGTH} bytes
   */
  public byte[] toByteArray() {
    return ByteBuffer.allocate(LENGTH).putInt(items).putLong(bytes).array();
  }

  /**
   * The CREDIT frame of a request.
   *
   * @param requestId the request's id
   * @return the frame's bytes
   */
  public byte[] frame(long requestId) {
    return Frame.bytes(FrameKind.CREDIT, requestId, toByteArray());
  }

  /**
   * Reads it; the host itself never receives one, its tests and fakes do.
   *
   * @param bytes a field's value or a frame's payload
   * @return the credit
   * @throws MalformedFrameException when there are not {@link #LENGTH} bytes
   */
  public static Credit read(byte[] bytes) throws MalformedFrameException {
    if (bytes.length != LENGTH) {
      throw new MalformedFrameException(
          "credit has %d bytes, not %d".formatted(LENGTH, bytes.length));
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new Credit(in.getInt(), in.getLong());
  }
}
