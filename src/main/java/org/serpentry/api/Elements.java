// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/** What an {@link NdArray} refers to: a primitive array or a buffer. Views are read-only. */
abstract class Elements {

  private final DType type;

  private Elements(DType type) {
    this.type = type;
  }

  final DType type() {
    return type;
  }

  /** In bytes. */
  abstract long length();

  /** Writes whole elements from a byte on, as many as the buffer takes, in the machine's order. */
  void copy(long from, ByteBuffer out) {
    int count = (int) Math.min(out.remaining(), length() - from) / type.size();
    if (count > 0) {
      put((int) (from / type.size()), count, out.slice().order(NdArray.order()));
      out.position(out.position() + count * type.size());
    }
  }

  abstract void put(int first, int count, ByteBuffer out);

  ByteBuffer bytes() {
    ByteBuffer copy = ByteBuffer.allocate((int) length());
    copy(0, copy);
    return copy.flip().asReadOnlyBuffer().order(NdArray.order());
  }

  FloatBuffer floats() {
    return bytes().asFloatBuffer();
  }

  DoubleBuffer doubles() {
    return bytes().asDoubleBuffer();
  }

  IntBuffer ints() {
    return bytes().asIntBuffer();
  }

  LongBuffer longs() {
    return bytes().asLongBuffer();
  }

  static final class OfFloats extends Elements {
    private final float[] data;

    OfFloats(float[] data) {
      super(DType.FLOAT32);
      this.data = data;
    }

    @Override
    long length() {
      return (long) data.length * Float.BYTES;
    }

    @Override
    void put(int first, int count, ByteBuffer out) {
      out.asFloatBuffer().put(data, first, count);
    }

    @Override
    FloatBuffer floats() {
      return FloatBuffer.wrap(data).asReadOnlyBuffer();
    }
  }

  static final class OfDoubles extends Elements {
    private final double[] data;

    OfDoubles(double[] data) {
      super(DType.FLOAT64);
      this.data = data;
    }

    @Override
    long length() {
      return (long) data.length * Double.BYTES;
    }

    @Override
    void put(int first, int count, ByteBuffer out) {
      out.asDoubleBuffer().put(data, first, count);
    }

    @Override
    DoubleBuffer doubles() {
      return DoubleBuffer.wrap(data).asReadOnlyBuffer();
    }
  }

  static final class OfInts extends Elements {
    private final int[] data;

    OfInts(int[] data) {
      super(DType.INT32);
      this.data = data;
    }

    @Override
    long length() {
      return (long) data.length * Integer.BYTES;
    }

    @Override
    void put(int first, int count, ByteBuffer out) {
      out.asIntBuffer().put(data, first, count);
    }

    @Override
    IntBuffer ints() {
      return IntBuffer.wrap(data).asReadOnlyBuffer();
    }
  }

  static final class OfLongs extends Elements {
    private final long[] data;

    OfLongs(long[] data) {
      super(DType.INT64);
      this.data = data;
    }

    @Override
    long length() {
      return (long) data.length * Long.BYTES;
    }

    @Override
    void put(int first, int count, ByteBuffer out) {
      out.asLongBuffer().put(data, first, count);
    }

    @Override
    LongBuffer longs() {
      return LongBuffer.wrap(data).asReadOnlyBuffer();
    }
  }

  static final class OfBytes extends Elements {
    private final ByteBuffer data;

    OfBytes(DType type, ByteBuffer data) {
      super(type);
      this.data = data;
    }

    @Override
    long length() {
      return data.capacity();
    }

    @Override
    void put(int first, int count, ByteBuffer out) {
      int size = type().size();
      ByteBuffer part = data.duplicate();
      part.position(first * size).limit((first + count) * size);
      if (size == 1 || data.order() == NdArray.order()) {
        out.put(part);
        return;
      }
      // A view's own order: writing one into the other turns each element.
      part = part.slice().order(data.order());
      switch (size) {
        case Short.BYTES -> out.asShortBuffer().put(part.asShortBuffer());
        case Integer.BYTES -> out.asIntBuffer().put(part.asIntBuffer());
        default -> out.asLongBuffer().put(part.asLongBuffer());
      }
    }

    @Override
    ByteBuffer bytes() {
      return data.asReadOnlyBuffer().order(data.order());
    }
  }
}
