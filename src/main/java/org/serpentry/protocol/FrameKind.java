// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

/** What a frame is, as in {@code protocol/README.md}, section Kinds. */
public enum FrameKind {
  /** The connecting side introduces itself. */
  HELLO(1),
  /** The host accepts it. */
  WELCOME(2),
  /** The host does not, and says why. */
  REFUSED(3),
  /** A request to run a function. */
  CALL(4),
  /** A call's value. */
  RESULT(5),
  /** A call's failure. */
  ERROR(6),
  /** The host no longer wants a call's reply. */
  CANCEL(7),
  /** An operation or a report on the control channel. */
  CONTROL(8),
  /** One item of a stream. */
  ITEM(9),
  /** How much more of a stream may be sent. */
  CREDIT(10);

  private static final FrameKind[] BY_CODE = new FrameKind[11];

  static {
    for (FrameKind kind : values()) {
      BY_CODE[kind.code] = kind;
    }
  }

  private final byte code;

  FrameKind(int code) {
    this.code = (byte) code;
  }

  /**
   * The kind's byte on the wire.
   *
   * @return 1 to 10
   */
  public byte code() {
    return code;
  }

  /**
   * The kind of a byte read from the wire.
   *
   * @param code the byte
   * @return its kind
   * @throws MalformedFrameException when there is no such kind
   */
  public static FrameKind of(byte code) throws MalformedFrameException {
    if (code < 1 || code >= BY_CODE.length) {
      throw new MalformedFrameException("unknown frame kind " + (code & 0xff));
    }
    return BY_CODE[code];
  }
}
