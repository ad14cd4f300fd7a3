// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rows of equal members, column by column: what an attachment of kind {@link Attachment#TABLE}
 * holds.
 *
 * @param rows how many there are
 * @param columns each with as many values; their names differ
 */
public record Table(int rows, List<Column> columns) {

  /** The type of a column whose values are the items of a JSON array. */
  public static final int JSON = 0;

  /** The type of booleans, a byte each. */
  public static final int BOOL = 1;

  /** The type of integers of 64 bits. */
  public static final int INT64 = 8;

  /** The type of floating-point numbers of 64 bits. */
  public static final int FLOAT64 = 12;

  private static final int[] SIZES = {0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8};
  private static final int HEAD = 16;
  private static final int COLUMN = 20;
  private static final int MISSING = 1;

  /**
   * One column.
   *
   * @param name its name
   * @param type {@link #JSON}, or the type of its values as in {@link Attachment#type}
   * @param data its values one behind the other in the machine's byte order, or the JSON
   * @param missing a byte for each row, 1 where the value is missing; null when none is
   */
  public record Column(String name, int type, ByteBuffer data, ByteBuffer missing) {}

  /**
   * The table's bytes.
   *
   * @return a buffer of its own, from its position to its limit
   * @throws ArithmeticException when it is longer than 2 GiB
   */
  public ByteBuffer toBytes() {
    List<byte[]> names = new ArrayList<>();
    long at = HEAD;
    for (Column column : columns) {
      names.add(column.name().getBytes(StandardCharsets.UTF_8));
      at += COLUMN + names.get(names.size() - 1).length;
    }
    long begin = Attachment.aligned(at);
    long end = begin;
    for (Column column : columns) {
      end = behind(column, end);
    }
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(end));
    out.putLong(rows).putInt(columns.size()).putInt(0);
    long place = begin;
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      out.put((byte) column.type()).put((byte) (column.missing() == null ? 0 : MISSING));
      out.putShort((short) names.get(i).length);
      out.putLong(place).putLong(column.data().remaining()).put(names.get(i));
      out.put((int) place, column.data(), column.data().position(), column.data().remaining());
      if (column.missing() != null) {
        int mask = (int) Attachment.aligned(place + column.data().remaining());
        out.put(mask, column.missing(), column.missing().position(), rows);
      }
      place = behind(column, place);
    }
    return out.clear();
  }

  private long behind(Column column, long place) {
    long end = Attachment.aligned(place + column.data().remaining());
    return column.missing() == null ? end : Attachment.aligned(end + rows);
  }

  /**
   * Reads a table.
   *
   * @param bytes the table, from its position to its limit; the columns are views of it
   * @return the table
   * @throws MalformedFrameException when it is cut short or describes what cannot be
   */
  public static Table read(ByteBuffer bytes) throws MalformedFrameException {
    ByteBuffer in = bytes.slice();
    try {
      long rows = in.getLong();
      int count = in.getInt();
      in.getInt();
      if (rows < 0 || rows > Integer.MAX_VALUE || count < 0) {
        throw new MalformedFrameException("a table of %d rows".formatted(rows));
      }
      List<Column> columns = new ArrayList<>();
      Set<String> names = new HashSet<>();
      for (int i = 0; i < count; i++) {
        Column column = column(in, (int) rows);
        if (!names.add(column.name())) {
          throw new MalformedFrameException("a table has two columns '" + column.name() + "'");
        }
        columns.add(column);
      }
      return new Table((int) rows, columns);
    } catch (BufferUnderflowException e) {
      throw new MalformedFrameException("the columns of a table are cut short");
    }
  }

  private static Column column(ByteBuffer in, int rows) throws MalformedFrameException {
    int type = in.get() & 0xff;
    boolean masked = (in.get() & MISSING) != 0;
    byte[] utf8 = new byte[in.getShort() & 0xffff];
    long offset = in.getLong();
    long length = in.getLong();
    in.get(utf8);
    String name = new String(utf8, StandardCharsets.UTF_8);
    if (type >= SIZES.length || (type != JSON && length != (long) rows * SIZES[type])) {
      throw new MalformedFrameException(
          "column '%s' of a table has %d bytes of type %d".formatted(name, length, type));
    }
    long size = in.capacity();
    if (offset < 0 || offset % Attachment.ALIGNMENT != 0 || offset > size) {
      throw new MalformedFrameException(
          "column '%s' of a table begins at %d".formatted(name, offset));
    }
    long mask = length < 0 || length > size ? size : Attachment.aligned(offset + length);
    if (length < 0 || offset + length > size || (masked && mask + rows > size)) {
      throw new MalformedFrameException(
          "column '%s' of %d bytes at %d is not in its table".formatted(name, length, offset));
    }
    return new Column(
        name,
        type,
        in.slice((int) offset, (int) length),
        masked ? in.slice((int) mask, rows) : null);
  }
}
