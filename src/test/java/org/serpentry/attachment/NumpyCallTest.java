// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.BindingException;
import org.serpentry.api.DType;
import org.serpentry.api.NdArray;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonType;
import org.serpentry.testing.TestPool;

/** Arrays as NumPy sees and makes them, with a real worker, in the frame and in shared memory. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NumpyCallTest {

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};
  private static final PythonType<List<Double>> NUMBERS = new PythonType<>() {};

  /** Fits a frame, and needs a segment. */
  private static final int SMALL = 600;

  private static final int LARGE = 30_000;

  private TestPool pool;

  @BeforeAll
  void start() throws InterruptedException {
    pool =
        TestPool.builder()
            .interpreter(CheckedPython.interpreter())
            .modules(Path.of("python/tests/modules").toAbsolutePath())
            .settings(
                c ->
                    c.preload(List.of("numpy_calls"))
                        .attachments(a -> a.attachmentThreshold(32 * 1024)))
            .start();
  }

  @AfterAll
  void close() {
    pool.close();
  }

  private static float[] floats(int size) {
    float[] floats = new float[size];
    for (int i = 0; i < size; i++) {
      floats[i] = i;
    }
    return floats;
  }

  private static double sum(int size) {
    return size * (size - 1) / 2.0;
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL, LARGE})
  void anArrayIsSeenWithoutACopyAndReadOnly(int size) {
    Map<String, Object> seen =
        pool.function("numpy_calls:seen").args(NdArray.of(floats(size), size / 3, 3)).call(OBJECT);
    assertThat(seen)
        .containsEntry("dtype", ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? "<f4" : ">f4")
        .containsEntry("writable", false)
        .containsEntry("aligned", true);
    assertThat(seen.get("shape").toString()).isEqualTo("[%d, 3]".formatted(size / 3));
    assertThat(((Number) seen.get("sum")).doubleValue()).isEqualTo(sum(size));
    // What it is a view of: the mapped segment, or the frame's own buffer; never an array's copy.
    assertThat(seen.get("owner").toString()).isNotEqualTo("ndarray");
  }

  @Test
  void whatHasNoHintIsAnArrayAndBytesAreBytes() {
    assertThat(pool.function("numpy_calls:untyped").args(floats(3)).call(String.class))
        .isEqualTo("ndarray");
    assertThat(pool.function("numpy_calls:untyped").args(new byte[3]).call(String.class))
        .isEqualTo("memoryview");
  }

  @Test
  void shapeAndTypeOfAHintAreChecked() {
    var image = pool.function("numpy_calls:image");
    assertThat(image.args(NdArray.of(floats(SMALL), 10, 20, 3)).call(NUMBERS))
        .containsExactly(10.0, 20.0, 3.0);
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> image.arg("x", NdArray.of(floats(SMALL), 10, 15, 4)).call())
        .withMessageContainingAll("'x'", "length 3 along axis 2", "(10, 15, 4)");
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> image.arg("x", NdArray.of(floats(SMALL), 200, 3)).call())
        .withMessageContainingAll("3 dimensions", "(200, 3)");
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> image.arg("x", new double[3]).call())
        .withMessageContainingAll("float32", "float64 of shape (3,)");
    assertThat(pool.function("numpy_calls:reals").args(new double[] {1, 2}).call(Double.class))
        .isEqualTo(3.0);
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("numpy_calls:reals").arg("x", new int[] {1}).call())
        .withMessageContaining("int32");
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL, LARGE})
  void onlyAWritableArrayIsWrittenTo(int size) {
    float[] sent = floats(size);
    float[] doubled = pool.function("numpy_calls:doubled").args(sent).call(float[].class);
    assertThat(sent).isEqualTo(floats(size));
    for (int i = 0; i < size; i++) {
      assertThat(doubled[i]).isEqualTo(2f * i);
    }
    assertThatExceptionOfType(PythonCallException.class)
        .isThrownBy(() -> pool.function("numpy_calls:overwrite").args(sent).call())
        .withMessageContaining("read-only");
  }

  @ParameterizedTest
  @ValueSource(ints = {SMALL, LARGE})
  void resultsThatAreNotInRowsOrNotInOrderArriveAsIfTheyWere(int size) {
    NdArray sent = NdArray.of(floats(size), size / 3, 3);
    try (NdArray came = pool.function("numpy_calls:transposed").args(sent).call(NdArray.class)) {
      assertThat(came.shape()).containsExactly(3, size / 3);
      float[] values = came.toFloatArray();
      assertThat(values[1]).isEqualTo(3f);
      assertThat(values[size / 3]).isEqualTo(1f);
    }
    float[] second = pool.function("numpy_calls:strided").args(floats(size), 2).call(float[].class);
    assertThat(second).hasSize(size / 2);
    assertThat(second[size / 2 - 1]).isEqualTo(size - 2f);
    assertThat(pool.function("numpy_calls:foreign").args(floats(size)).call(float[].class))
        .isEqualTo(floats(size));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void everyTypeComesAndGoes(DType type) {
    String name = type.toString();
    try (NdArray made = pool.function("numpy_calls:typed").args(name, 2).call(NdArray.class)) {
      assertThat(made.dtype()).isEqualTo(type);
      ByteBuffer one = made.asByteBuffer();
      byte[] bytes = new byte[2 * type.size()];
      one.get(bytes);
      NdArray again = NdArray.of(type, ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()));
      Map<String, Object> seen = pool.function("numpy_calls:seen").args(again).call(OBJECT);
      assertThat(((Number) seen.get("sum")).doubleValue()).isEqualTo(1.0);
    }
  }

  @Test
  void anEmptyArrayAndOneOfTypesThatDoNotTravelAreTold() {
    try (NdArray none = pool.function("numpy_calls:typed").args("float32", 0).call(NdArray.class)) {
      assertThat(none.shape()).containsExactly(0);
    }
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(
            () -> pool.function("numpy_calls:typed").args("complex64", 2).call(NdArray.class));
  }

  @Test
  void arraysThatPythonKeepsStayAsTheyWere() {
    for (int round = 0; round < 3; round++) {
      pool.function("numpy_calls:keep").args(floats(LARGE)).call();
      pool.function("numpy_calls:seen").args(new float[LARGE]).call();
    }
    assertThat(pool.function("numpy_calls:kept_sums").call(NUMBERS))
        .containsExactly(sum(LARGE), sum(LARGE), sum(LARGE));
  }
}
