// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import java.nio.ByteBuffer;
import java.util.function.IntFunction;

/** The numbers in a column of a table, by the types of the protocol. Stateless. */
final class Numbers {

  /** Integers by their rows. */
  interface Longs {
    long at(int row);
  }

  private Numbers() {}

  /** The integers of a column, or null when it has no integers that a long holds. */
  static Longs longs(int type, ByteBuffer data) {
    return switch (type) {
      case 2 -> data::get;
      case 3 -> row -> data.get(row) & 0xff;
      case 4 -> row -> data.getShort(row * Short.BYTES);
      case 5 -> row -> data.getShort(row * Short.BYTES) & 0xffff;
      case 6 -> row -> data.getInt(row * Integer.BYTES);
      case 7 -> row -> data.getInt(row * Integer.BYTES) & 0xffff_ffffL;
      case 8 -> row -> data.getLong(row * Long.BYTES);
      default -> null;
    };
  }

  /** The numbers of a column as doubles, or null when it has none that a double holds. */
  static IntFunction<Object> doubles(int type, ByteBuffer data) {
    if (type == 11) {
      return row -> (double) data.getFloat(row * Float.BYTES);
    }
    if (type == 12) {
      return row -> data.getDouble(row * Double.BYTES);
    }
    Longs longs = longs(type, data);
    if (longs == null) {
      return null;
    }
    return row -> (double) longs.at(row);
  }
}
