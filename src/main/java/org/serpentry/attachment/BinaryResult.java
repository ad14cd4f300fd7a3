// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import java.io.InputStream;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.serpentry.api.DType;
import org.serpentry.api.NdArray;
import org.serpentry.protocol.Attachment;

/** Turns a result that came outside the JSON into the type that the caller asked for. */
public final class BinaryResult {

  /** No result may come outside the JSON. */
  public static final int NONE = 0;

  /** Bytes or an array may. */
  public static final int VALUE = 1;

  /** A frame may, as a table. */
  public static final int TABLE = 2;

  /** The reply is to say which parameters take frames. */
  public static final int ASK_FRAMES = 4;

  private BinaryResult() {}

  /**
   * Which results of a type may come outside the JSON.
   *
   * @param type the caller's
   * @return {@link #NONE} or {@link #VALUE}
   */
  public static int forms(Type type) {
    if (type instanceof Class<?> wanted) {
      return wanted == byte[].class
              || wanted == float[].class
              || wanted == double[].class
              || wanted == int[].class
              || wanted == long[].class
              || isBinaryOnly(wanted)
          ? VALUE
          : NONE;
    }
    return NONE;
  }

  /**
   * Whether a type can be read from nothing else.
   *
   * @param type the caller's
   * @return whether JSON cannot be read as it
   */
  public static boolean isBinaryOnly(Type type) {
    return type == NdArray.class || type == ByteBuffer.class || type == InputStream.class;
  }

  /**
   * The value that the caller wants.
   *
   * @param type a type whose {@link #forms} is not {@link #NONE}
   * @param entry what came
   * @param lent its bytes
   * @return the value
   * @throws MismatchException when it does not fit the type
   */
  public static Object read(Type type, Attachment entry, Lent lent) {
    boolean kept = false;
    try {
      if (entry.foreignOrder()) {
        throw new MismatchException(
            "elements in the byte order of this machine (" + ByteOrder.nativeOrder() + ")",
            "elements in the other one");
      }
      ByteBuffer bytes = lent.bytes().order(ByteOrder.nativeOrder());
      if (type == NdArray.class) {
        NdArray array = array(entry, bytes, lent);
        kept = true;
        return array;
      }
      if (type == InputStream.class) {
        kept = true;
        return new LentStream(bytes, lent);
      }
      if (type == ByteBuffer.class) {
        return lent.shared() ? ByteBuffer.wrap(copy(bytes)).order(bytes.order()) : bytes;
      }
      return type == byte[].class ? byteArray(entry, bytes) : elements(type, entry, bytes);
    } finally {
      if (!kept) {
        lent.close();
      }
    }
  }

  private static NdArray array(Attachment entry, ByteBuffer bytes, Lent lent) {
    if (entry.kind() == Attachment.BYTES) {
      return NdArray.borrowed(DType.UINT8, bytes, lent::close);
    }
    DType type = typeOf(entry);
    if (entry.shape().length == 0) {
      throw new MismatchException("an array", "a single value");
    }
    return NdArray.borrowed(type, bytes, lent::close, entry.shape());
  }

  private static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return copy;
  }

  private static byte[] byteArray(Attachment entry, ByteBuffer bytes) {
    boolean array = entry.kind() == Attachment.ARRAY;
    if (array && (typeOf(entry).size() != 1 || entry.shape().length != 1)) {
      throw new MismatchException("bytes, or uint8 along one axis", name(entry));
    }
    return copy(bytes);
  }

  private static Object elements(Type type, Attachment entry, ByteBuffer bytes) {
    String wanted = wantedName(type);
    if (entry.kind() != Attachment.ARRAY
        || entry.shape().length != 1
        || !typeOf(entry).toString().equals(wanted)) {
      throw new MismatchException(wanted + " along one axis", name(entry));
    }
    NdArray array = NdArray.of(typeOf(entry), bytes, entry.shape());
    return switch (array.dtype()) {
      case FLOAT32 -> array.toFloatArray();
      case FLOAT64 -> array.toDoubleArray();
      case INT32 -> array.toIntArray();
      default -> array.toLongArray();
    };
  }

  private static String wantedName(Type type) {
    DType wanted =
        type == float[].class
            ? DType.FLOAT32
            : type == double[].class
                ? DType.FLOAT64
                : type == int[].class ? DType.INT32 : DType.INT64;
    return wanted.toString();
  }

  private static DType typeOf(Attachment entry) {
    DType type = DType.ofCode(entry.type());
    if (type == null) {
      throw new MismatchException("a known type of elements", "type " + entry.type());
    }
    return type;
  }

  private static String name(Attachment entry) {
    if (entry.kind() == Attachment.BYTES) {
      return "bytes";
    }
    StringBuilder shape = new StringBuilder();
    for (int dimension : entry.shape()) {
      shape.append(shape.length() == 0 ? "" : ", ").append(dimension);
    }
    return typeOf(entry) + " of shape (" + shape + (entry.shape().length == 1 ? ",)" : ")");
  }
}
