// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.lang.reflect.Type;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.serpentry.api.DType;
import org.serpentry.api.NdArray;
import org.serpentry.protocol.Attachment;

/**
 * Bytes or an array as they lie outside the JSON, for whoever plays a worker inside this JVM.
 * Immutable, as long as nobody writes to the bytes.
 *
 * @param entry what it is
 * @param bytes the bytes, in the machine's own order, from the position to the limit
 */
public record BinaryValue(Attachment entry, ByteBuffer bytes) {

  /**
   * What would travel outside the JSON.
   *
   * @param value bytes, a Java array of numbers, an {@link NdArray} or anything else
   * @return a copy of it, or null when it belongs into the JSON
   */
  public static BinaryValue of(Object value) {
    BinaryArguments found = BinaryArguments.of(Collections.singletonList(value), Map.of());
    if (found == null) {
      return null;
    }
    ByteBuffer copy = ByteBuffer.allocate((int) found.room());
    found.copyTo(copy);
    Attachment entry = found.items().get(0).entry(Attachment.IN_FRAME, 0);
    return new BinaryValue(entry, copy.flip().limit((int) entry.length()));
  }

  /**
   * What a script gets for an argument.
   *
   * @return a {@code byte[]} or an {@link NdArray}; of a table its bytes
   */
  public Object plain() {
    if (entry.kind() == Attachment.ARRAY) {
      return NdArray.of(DType.ofCode(entry.type()), own(), entry.shape());
    }
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return copy;
  }

  private ByteBuffer own() {
    return bytes.duplicate().order(ByteOrder.nativeOrder());
  }

  /**
   * The value as a caller wants it.
   *
   * @param type one of which {@link BinaryResult#forms} is not {@link BinaryResult#NONE}
   * @return the value
   * @throws MismatchException when it does not fit
   */
  public Object as(Type type) {
    return BinaryResult.read(type, entry, Lent.owned(entry, bytes.duplicate()));
  }

  /**
   * The value for a caller who wants JSON, as a worker would write it.
   *
   * @return a {@code byte[]}, which becomes Base64, or nested lists of numbers
   * @throws MismatchException for half precision, which Java cannot read
   */
  public Object json() {
    return entry.kind() == Attachment.ARRAY ? nested(0, 0) : plain();
  }

  private Object nested(int axis, int first) {
    int[] shape = entry.shape();
    if (axis == shape.length) {
      return element(first);
    }
    int step = 1;
    for (int inner = axis + 1; inner < shape.length; inner++) {
      step *= shape[inner];
    }
    List<Object> list = new ArrayList<>(shape[axis]);
    for (int i = 0; i < shape[axis]; i++) {
      list.add(nested(axis + 1, first + i * step));
    }
    return list;
  }

  private Object element(int index) {
    ByteBuffer in = own().slice().order(ByteOrder.nativeOrder());
    DType type = DType.ofCode(entry.type());
    int at = index * type.size();
    return switch (type) {
      case BOOL -> in.get(at) != 0;
      case INT8 -> in.get(at);
      case UINT8 -> in.get(at) & 0xff;
      case INT16 -> in.getShort(at);
      case UINT16 -> in.getShort(at) & 0xffff;
      case INT32 -> in.getInt(at);
      case UINT32 -> in.getInt(at) & 0xffff_ffffL;
      case INT64 -> in.getLong(at);
      case UINT64 -> new BigInteger(Long.toUnsignedString(in.getLong(at)));
      case FLOAT32 -> in.getFloat(at);
      case FLOAT64 -> in.getDouble(at);
      case FLOAT16 -> throw new MismatchException("numbers that Java can read", type.toString());
    };
  }

  /**
   * Whether another value has the same type, shape and elements.
   *
   * @param other the other, or null
   * @return whether they are the same
   */
  public boolean sameAs(BinaryValue other) {
    return other != null
        && entry.kind() == other.entry.kind()
        && entry.type() == other.entry.type()
        && Arrays.equals(entry.shape(), other.entry.shape())
        && bytes.equals(other.bytes);
  }

  /**
   * The entry of the same value in a reply.
   *
   * @param offset its first byte, counted from the frame's first
   * @return the entry
   */
  public Attachment at(long offset) {
    return new Attachment(
        entry.kind(),
        entry.type(),
        false,
        entry.shape(),
        0,
        "",
        Attachment.IN_FRAME,
        offset,
        entry.length());
  }
}
