// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where one binary value of a call or of its result lies and what it is: an entry of the header's
 * field {@link HeaderFields#ATTACHMENTS}.
 *
 * @param kind {@link #BYTES}, {@link #ARRAY} or {@link #TABLE}
 * @param type an array's element type, counted from 1 in the order of the protocol's table; else 0
 * @param foreignOrder whether its elements are not in the machine's own byte order
 * @param shape an array's lengths along each axis
 * @param position of a positional argument, when it has no name
 * @param name of an argument by name, or empty
 * @param segment the segment it lies in, or {@link #IN_FRAME}
 * @param offset its first byte, counted from the frame's or the segment's first; a multiple of 8
 * @param length in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between the wire and its reader
public record Attachment(
    int kind,
    int type,
    boolean foreignOrder,
    int[] shape,
    int position,
    String name,
    int segment,
    long offset,
    long length) {

  /** Plain bytes. */
  public static final int BYTES = 0;

  /** An array with a type and a shape. */
  public static final int ARRAY = 1;

  /** A list of records, column by column. */
  public static final int TABLE = 2;

  /** The segment of what lies in the frame itself. */
  public static final int IN_FRAME = -1;

  /** The boundary on which attachments begin. */
  public static final int ALIGNMENT = 8;

  private static final int FIXED = 28;
  private static final int FOREIGN_ORDER = 0x80;
  private static final int MAX_RANK = 64;

  /**
   * How many bytes its entry takes.
   *
   * @return the number
   */
  public int entryLength() {
    return FIXED + shape.length * Long.BYTES + name.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * The value of the field for some attachments.
   *
   * @param jsonLength the length of the JSON at the payload's beginning
   * @param entries the attachments
   * @return the field's value
   */
  public static byte[] field(int jsonLength, List<Attachment> entries) {
    int length = Integer.BYTES;
    for (Attachment entry : entries) {
      length += entry.entryLength();
    }
    ByteBuffer out = ByteBuffer.allocate(length).putInt(jsonLength);
    entries.forEach(entry -> entry.put(out));
    return out.array();
  }

  private void put(ByteBuffer out) {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    out.put((byte) kind);
    out.put((byte) (foreignOrder ? type | FOREIGN_ORDER : type));
    out.put((byte) shape.length);
    out.put((byte) (segment == IN_FRAME ? 0 : 1));
    out.putShort((short) position);
    out.putShort((short) nameBytes.length);
    out.putInt(segment == IN_FRAME ? 0 : segment);
    out.putLong(offset);
    out.putLong(length);
    for (int dimension : shape) {
      out.putLong(dimension);
    }
    out.put(nameBytes);
  }

  /**
   * Reads the field's value.
   *
   * @param value the value, from its position to its limit
   * @return the entries; the JSON's length is their {@link Field#jsonLength}
   * @throws MalformedFrameException when it is cut short or describes what cannot be
   */
  public static Field read(ByteBuffer value) throws MalformedFrameException {
    try {
      int jsonLength = value.getInt();
      List<Attachment> entries = new ArrayList<>();
      while (value.hasRemaining()) {
        entries.add(readOne(value));
      }
      if (jsonLength < 0) {
        throw new MalformedFrameException("a JSON of " + jsonLength + " bytes");
      }
      return new Field(jsonLength, entries);
    } catch (BufferUnderflowException e) {
      throw new MalformedFrameException("the field of attachments is cut short");
    }
  }

  private static Attachment readOne(ByteBuffer in) throws MalformedFrameException {
    int kind = in.get();
    int typeByte = in.get() & 0xff;
    int rank = in.get() & 0xff;
    boolean inSegment = in.get() != 0;
    int position = in.getShort() & 0xffff;
    int nameLength = in.getShort() & 0xffff;
    int segment = in.getInt();
    long offset = in.getLong();
    long length = in.getLong();
    if (kind < BYTES || kind > TABLE || rank > MAX_RANK || segment < 0) {
      throw new MalformedFrameException("attachment of kind %d, rank %d".formatted(kind, rank));
    }
    if (offset < 0 || length < 0 || length > Integer.MAX_VALUE) {
      throw new MalformedFrameException("attachment of %d bytes at %d".formatted(length, offset));
    }
    int[] shape = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      long dimension = in.getLong();
      if (dimension < 0 || dimension > Integer.MAX_VALUE) {
        throw new MalformedFrameException("array of " + dimension + " along axis " + axis);
      }
      shape[axis] = (int) dimension;
    }
    byte[] name = new byte[nameLength];
    in.get(name);
    return new Attachment(
        kind,
        typeByte & ~FOREIGN_ORDER,
        (typeByte & FOREIGN_ORDER) != 0,
        shape,
        position,
        new String(name, StandardCharsets.UTF_8),
        inSegment ? segment : IN_FRAME,
        offset,
        length);
  }

  /**
   * The next boundary at or behind an offset.
   *
   * @param offset in bytes
   * @return a multiple of {@link #ALIGNMENT}
   */
  public static long aligned(long offset) {
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  @Override
  public String toString() {
    return "Attachment[kind %d, type %d%s, shape %s, %s, %d bytes at %d of %s]"
        .formatted(
            kind,
            type,
            foreignOrder ? " in foreign order" : "",
            Arrays.toString(shape),
            name.isEmpty() ? "position " + position : name,
            length,
            offset,
            segment == IN_FRAME ? "the frame" : "segment " + segment);
  }

  /**
   * A whole field.
   *
   * @param jsonLength the length of the JSON at the payload's beginning
   * @param entries the attachments
   */
  public record Field(int jsonLength, List<Attachment> entries) {}
}
