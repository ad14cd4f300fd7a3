// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.util.Locale;

/** The type of an array's elements, named as NumPy names it. */
public enum DType {
  /** One byte, 0 or 1. */
  BOOL(1, 1),
  /** Signed, one byte. */
  INT8(2, 1),
  /** Unsigned, one byte. */
  UINT8(3, 1),
  /** Signed, two bytes. */
  INT16(4, 2),
  /** Unsigned, two bytes. */
  UINT16(5, 2),
  /** Signed, four bytes: Java's {@code int}. */
  INT32(6, 4),
  /** Unsigned, four bytes. */
  UINT32(7, 4),
  /** Signed, eight bytes: Java's {@code long}. */
  INT64(8, 8),
  /** Unsigned, eight bytes. */
  UINT64(9, 8),
  /** IEEE 754 half precision, two bytes. */
  FLOAT16(10, 2),
  /** IEEE 754 single precision, four bytes: Java's {@code float}. */
  FLOAT32(11, 4),
  /** IEEE 754 double precision, eight bytes: Java's {@code double}. */
  FLOAT64(12, 8);

  private static final DType[] ALL = values();

  private final int code;
  private final int size;

  DType(int code, int size) {
    this.code = code;
    this.size = size;
  }

  /**
   * Its number in the wire protocol.
   *
   * @return 1 or more
   */
  public int code() {
    return code;
  }

  /**
   * The type of a number in the wire protocol.
   *
   * @param code the number
   * @return the type, or null when there is none
   */
  public static DType ofCode(int code) {
    return code < 1 || code > ALL.length ? null : ALL[code - 1];
  }

  /**
   * How many bytes one element has.
   *
   * @return 1, 2, 4 or 8
   */
  public int size() {
    return size;
  }

  /** The name that NumPy has for it, such as {@code float32}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
