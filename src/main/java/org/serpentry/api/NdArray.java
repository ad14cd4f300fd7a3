// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An array of numbers with a type and a shape, its elements in rows (C order), that travels to and
 * from Python outside the JSON; a Python function sees it as a NumPy array.
 *
 * <pre>{@code
 * NdArray image = NdArray.of(pixels, 480, 640);
 * try (NdArray edges = python.function("vision:edges").arg("image", image).call(NdArray.class)) {
 *   FloatBuffer values = edges.asFloatBuffer();
 * }
 * }</pre>
 *
 * <p>An array made by a factory refers to the data that it was given, which must not change until
 * the calls that it is an argument of have ended. An array that is a call's result may lie in
 * memory shared with the worker: {@link #close} gives that memory back, after which neither the
 * array nor a buffer taken from it may be used. The {@code to…Array} methods copy.
 *
 * <p>Any number of threads may read one, none while another closes it.
 */
public final class NdArray implements AutoCloseable {

  private final Elements elements;
  private final int[] shape;
  private final AtomicReference<Runnable> onClose;
  private volatile boolean closed;

  private NdArray(Elements elements, int[] shape, Runnable onClose) {
    this.elements = elements;
    this.shape = shapeOf(elements, shape);
    this.onClose = new AtomicReference<>(onClose);
  }

  private static int[] shapeOf(Elements elements, int[] given) {
    long count = elements.length() / elements.type().size();
    if (given.length == 0) {
      return new int[] {Math.toIntExact(count)};
    }
    long product = 1;
    for (int dimension : given) {
      if (dimension < 0) {
        throw new IllegalArgumentException("A shape has no negative part: " + text(given));
      }
      product = Math.multiplyExact(product, dimension);
    }
    if (product != count) {
      throw new IllegalArgumentException(
          "The shape %s needs %d elements, the data has %d".formatted(text(given), product, count));
    }
    return given.clone();
  }

  static String text(int... shape) {
    String joined = Arrays.toString(shape);
    return "(" + joined.substring(1, joined.length() - 1) + (shape.length == 1 ? ",)" : ")");
  }

  /**
   * An array of {@code float32}.
   *
   * @param data the elements, row after row; not copied
   * @param shape the lengths along each axis; none for one axis of all elements
   * @return the array
   * @throws IllegalArgumentException when the shape does not hold as many elements
   */
  public static NdArray of(float[] data, int... shape) {
    return new NdArray(new Elements.OfFloats(data), shape, null);
  }

  /**
   * An array of {@code float64}, as {@link #of(float[], int...)}.
   *
   * @param data the elements, row after row; not copied
   * @param shape the lengths along each axis
   * @return the array
   */
  public static NdArray of(double[] data, int... shape) {
    return new NdArray(new Elements.OfDoubles(data), shape, null);
  }

  /**
   * An array of {@code int32}, as {@link #of(float[], int...)}.
   *
   * @param data the elements, row after row; not copied
   * @param shape the lengths along each axis
   * @return the array
   */
  public static NdArray of(int[] data, int... shape) {
    return new NdArray(new Elements.OfInts(data), shape, null);
  }

  /**
   * An array of {@code int64}, as {@link #of(float[], int...)}.
   *
   * @param data the elements, row after row; not copied
   * @param shape the lengths along each axis
   * @return the array
   */
  public static NdArray of(long[] data, int... shape) {
    return new NdArray(new Elements.OfLongs(data), shape, null);
  }

  /**
   * An array of any type over a buffer. Its bytes are in the buffer's own order ({@link
   * ByteBuffer#order()}, big-endian unless set); one that is not the machine's is converted on the
   * way to Python.
   *
   * @param type the type of the elements
   * @param data the elements from the buffer's position to its limit; not copied
   * @param shape the lengths along each axis; none for one axis of all elements
   * @return the array
   * @throws IllegalArgumentException when the bytes are no whole number of elements, or the shape
   *     does not hold as many
   */
  public static NdArray of(DType type, ByteBuffer data, int... shape) {
    return borrowed(type, data, null, shape);
  }

  /**
   * An array over memory that is lent.
   *
   * @param type the type of the elements
   * @param data the elements from the buffer's position to its limit; not copied
   * @param giveBack run once, by the first {@link #close}
   * @param shape the lengths along each axis; none for one axis of all elements
   * @return the array
   */
  public static NdArray borrowed(DType type, ByteBuffer data, Runnable giveBack, int... shape) {
    if (data.remaining() % type.size() != 0) {
      throw new IllegalArgumentException(
          "%d bytes are no whole number of elements of %s".formatted(data.remaining(), type));
    }
    return new NdArray(
        new Elements.OfBytes(type, data.slice().order(data.order())), shape, giveBack);
  }

  /**
   * The type of its elements.
   *
   * @return the type
   */
  public DType dtype() {
    return elements.type();
  }

  /**
   * Its lengths along each axis.
   *
   * @return a copy
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * How many elements it has.
   *
   * @return their number
   */
  public int size() {
    return (int) (elements.length() / elements.type().size());
  }

  /**
   * How many bytes its elements take.
   *
   * @return their number
   */
  public long byteLength() {
    return elements.length();
  }

  /**
   * Copies elements in the machine's byte order, as many whole ones as the buffer takes.
   *
   * @param from the first byte, the beginning of an element
   * @param out the buffer; its position moves behind what was written
   */
  public void copyTo(long from, ByteBuffer out) {
    open().copy(from, out);
  }

  /**
   * Its elements as a read-only buffer in the order that they lie in.
   *
   * @return a view, or for an array made of a primitive one a copy
   */
  public ByteBuffer asByteBuffer() {
    return open().bytes();
  }

  /**
   * Its elements, read-only, without a copy.
   *
   * @return a view
   * @throws IllegalStateException when they are no {@code float32}
   */
  public FloatBuffer asFloatBuffer() {
    return as(DType.FLOAT32).floats();
  }

  /**
   * Its elements, read-only, without a copy.
   *
   * @return a view
   * @throws IllegalStateException when they are no {@code float64}
   */
  public DoubleBuffer asDoubleBuffer() {
    return as(DType.FLOAT64).doubles();
  }

  /**
   * Its elements, read-only, without a copy.
   *
   * @return a view
   * @throws IllegalStateException when they are no {@code int32}
   */
  public IntBuffer asIntBuffer() {
    return as(DType.INT32).ints();
  }

  /**
   * Its elements, read-only, without a copy.
   *
   * @return a view
   * @throws IllegalStateException when they are no {@code int64}
   */
  public LongBuffer asLongBuffer() {
    return as(DType.INT64).longs();
  }

  /**
   * A copy of its elements.
   *
   * @return an array of its own
   * @throws IllegalStateException when they are no {@code float32}
   */
  public float[] toFloatArray() {
    float[] copy = new float[size()];
    asFloatBuffer().get(copy);
    return copy;
  }

  /**
   * A copy of its elements.
   *
   * @return an array of its own
   * @throws IllegalStateException when they are no {@code float64}
   */
  public double[] toDoubleArray() {
    double[] copy = new double[size()];
    asDoubleBuffer().get(copy);
    return copy;
  }

  /**
   * A copy of its elements.
   *
   * @return an array of its own
   * @throws IllegalStateException when they are no {@code int32}
   */
  public int[] toIntArray() {
    int[] copy = new int[size()];
    asIntBuffer().get(copy);
    return copy;
  }

  /**
   * A copy of its elements.
   *
   * @return an array of its own
   * @throws IllegalStateException when they are no {@code int64}
   */
  public long[] toLongArray() {
    long[] copy = new long[size()];
    asLongBuffer().get(copy);
    return copy;
  }

  private Elements as(DType wanted) {
    if (elements.type() != wanted) {
      throw new IllegalStateException(
          "The array is %s, it cannot be read as %s".formatted(this, wanted));
    }
    return open();
  }

  private Elements open() {
    if (closed) {
      throw new IllegalStateException("The array has been closed");
    }
    return elements;
  }

  /** The machine's byte order, in which elements travel. */
  static ByteOrder order() {
    return ByteOrder.nativeOrder();
  }

  /** Gives back the memory that a result lies in. Further calls do nothing. */
  @Override
  public void close() {
    Runnable giveBack = onClose.getAndSet(null);
    if (giveBack != null) {
      closed = true;
      giveBack.run();
    }
  }

  /** Its type and its shape, such as {@code float32(2, 3)}. */
  @Override
  public String toString() {
    return elements.type() + text(shape);
  }
}
