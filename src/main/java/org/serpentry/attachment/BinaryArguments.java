// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.serpentry.api.DType;
import org.serpentry.api.NdArray;
import org.serpentry.protocol.Attachment;

/**
 * The arguments of one call that travel outside the JSON: those given as {@code byte[]}, {@code
 * ByteBuffer}, {@code InputStream}, {@code float[]}, {@code double[]}, {@code int[]}, {@code
 * long[]} or {@link NdArray}, and tables. What lies deeper, in a record or a list, stays in the
 * JSON.
 */
public final class BinaryArguments {

  /**
   * One of them.
   *
   * @param kind as in {@link Attachment#kind()}
   * @param data its bytes
   * @param position of a positional argument
   * @param name of an argument by name, or empty
   */
  record Item(int kind, NdArray data, int position, String name) {

    Attachment entry(int segment, long offset) {
      boolean array = kind == Attachment.ARRAY;
      return new Attachment(
          kind,
          array ? data.dtype().code() : 0,
          false,
          array ? data.shape() : new int[0],
          position,
          name,
          segment,
          offset,
          data.byteLength());
    }
  }

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final List<Item> items;
  private final List<Object> positional;
  private final Map<String, Object> named;

  private BinaryArguments(List<Item> items, List<Object> positional, Map<String, Object> named) {
    this.items = items;
    this.positional = positional;
    this.named = named;
  }

  /**
   * Looks for them.
   *
   * @param positional a call's arguments by position
   * @param named its arguments by name
   * @return what was found, or null when all of them belong into the JSON
   */
  public static BinaryArguments of(List<Object> positional, Map<String, Object> named) {
    for (Object value : positional) {
      if (isBinary(value)) {
        return split(positional, named);
      }
    }
    for (Object value : named.values()) {
      if (isBinary(value)) {
        return split(positional, named);
      }
    }
    return null;
  }

  private static boolean isBinary(Object value) {
    if (value == null) {
      return false;
    }
    Class<?> type = value.getClass();
    if (type.isArray()) {
      return type == float[].class
          || type == byte[].class
          || type == double[].class
          || type == int[].class
          || type == long[].class;
    }
    return value instanceof NdArray
        || value instanceof ByteBuffer
        || value instanceof StreamArgument
        || value instanceof TableArgument;
  }

  private static BinaryArguments split(List<Object> positional, Map<String, Object> named) {
    List<Item> items = new ArrayList<>();
    List<Object> rest = new ArrayList<>(positional);
    for (int i = 0; i < rest.size(); i++) {
      if (isBinary(rest.get(i))) {
        items.add(item(rest.get(i), i, ""));
        rest.set(i, null);
      }
    }
    Map<String, Object> others = new LinkedHashMap<>(named);
    for (Map.Entry<String, Object> entry : others.entrySet()) {
      if (isBinary(entry.getValue())) {
        items.add(item(entry.getValue(), 0, entry.getKey()));
        entry.setValue(null);
      }
    }
    return new BinaryArguments(items, rest, others);
  }

  private static Item item(Object value, int position, String name) {
    if (value instanceof byte[] bytes) {
      return bytes(ByteBuffer.wrap(bytes), position, name);
    }
    if (value instanceof ByteBuffer buffer) {
      return bytes(buffer.duplicate(), position, name);
    }
    if (value instanceof StreamArgument stream) {
      return bytes(stream.bytes(), position, name);
    }
    if (value instanceof TableArgument table) {
      NdArray data = NdArray.of(DType.UINT8, table.bytes());
      return new Item(Attachment.TABLE, data, position, name);
    }
    return new Item(Attachment.ARRAY, array(value), position, name);
  }

  private static Item bytes(ByteBuffer bytes, int position, String name) {
    return new Item(Attachment.BYTES, NdArray.of(DType.UINT8, bytes), position, name);
  }

  private static NdArray array(Object value) {
    if (value instanceof float[] floats) {
      return NdArray.of(floats);
    }
    if (value instanceof double[] doubles) {
      return NdArray.of(doubles);
    }
    if (value instanceof int[] ints) {
      return NdArray.of(ints);
    }
    if (value instanceof long[] longs) {
      return NdArray.of(longs);
    }
    NdArray array = (NdArray) value;
    array.copyTo(0, NOTHING); // Refuses one that has been closed, before there is any frame.
    return array;
  }

  /**
   * The arguments by position that stay in the JSON, with null in the others' places.
   *
   * @return the arguments
   */
  public List<Object> positional() {
    return positional;
  }

  /**
   * The arguments by name that stay in the JSON, with null in the others' places.
   *
   * @return the arguments
   */
  public Map<String, Object> named() {
    return named;
  }

  List<Item> items() {
    return items;
  }

  /**
   * How much room they take in a frame or in a segment.
   *
   * @return their bytes, each up to the next boundary
   */
  public long room() {
    long room = 0;
    for (Item item : items) {
      room += Attachment.aligned(item.data().byteLength());
    }
    return room;
  }

  /** Writes them one behind the other, each on a boundary. */
  void copyTo(ByteBuffer out) {
    for (Item item : items) {
      int end = out.position() + (int) item.data().byteLength();
      for (long from = 0;
          out.position() < end;
          from = item.data().byteLength() - (end - out.position())) {
        item.data().copyTo(from, out);
      }
      out.position((int) Math.min(out.limit(), Attachment.aligned(end)));
    }
  }

  /**
   * How many bytes they add to a frame that holds them.
   *
   * @return the most it can be
   */
  public long frameLength() {
    return fieldLength() + Attachment.ALIGNMENT + room();
  }

  /**
   * How many bytes their header field takes.
   *
   * @return the number, its tag and length included
   */
  int fieldLength() {
    int length = 3 + Integer.BYTES;
    for (Item item : items) {
      length += item.entry(Attachment.IN_FRAME, 0).entryLength();
    }
    return length;
  }
}
