// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.BindingException;
import org.serpentry.api.DType;
import org.serpentry.api.NdArray;
import org.serpentry.api.PythonType;
import org.serpentry.api.RequestTooLargeException;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;

/** Binary arguments and results with real workers, in the frame itself. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BinaryCallTest {

  private static final PythonType<Map<String, Object>> OBJECT = new PythonType<>() {};

  private WorkerPool pool;

  @BeforeAll
  void start() {
    PoolConfig config =
        TestPools.config().maxFrameSize(1 << 20).attachments(a -> a.sharedMemory(0)).build();
    pool = TestPools.start(config);
  }

  @AfterAll
  void close() {
    pool.close();
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31 + size);
    }
    return bytes;
  }

  private static float[] floats(int size) {
    float[] floats = new float[size];
    for (int i = 0; i < size; i++) {
      floats[i] = i / 3f;
    }
    return floats;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 1_000, 65_536, 131_072, 900_000})
  void bytesComeBackAsTheyWent(int size) {
    byte[] sent = bytes(size);
    assertThat(pool.function("binary:echo").arg("x", sent).call(byte[].class)).isEqualTo(sent);
    assertThat(pool.function("binary:as_view").args(sent).call(byte[].class)).isEqualTo(sent);
    ByteBuffer buffer =
        pool.function("binary:echo").arg("x", ByteBuffer.wrap(sent)).call(ByteBuffer.class);
    assertThat(buffer).isEqualTo(ByteBuffer.wrap(sent));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 17_000, 100_000})
  void floatsComeBackAsTheyWent(int size) {
    float[] sent = floats(size);
    assertThat(pool.function("binary:echo").arg("x", sent).call(float[].class)).isEqualTo(sent);
  }

  @Test
  void everyPrimitiveArrayTravels() {
    double[] doubles = {1.5, -2.25, Double.MAX_VALUE, Double.NaN};
    int[] ints = {1, -2, Integer.MIN_VALUE};
    long[] longs = {Long.MAX_VALUE, -1};
    assertThat(pool.function("binary:echo").args(doubles).call(double[].class)).isEqualTo(doubles);
    assertThat(pool.function("binary:echo").args(ints).call(int[].class)).isEqualTo(ints);
    assertThat(pool.function("binary:echo").args(longs).call(long[].class)).isEqualTo(longs);
    assertThat(pool.function("binary:doubles").args(3).call(double[].class))
        .containsExactly(0, 1, 2);
  }

  @Test
  void shapesAndTypesAreKept() {
    NdArray sent = NdArray.of(floats(6), 1, 2, 3);
    NdArray came = pool.function("binary:echo").arg("x", sent).call(NdArray.class);
    assertThat(came.shape()).containsExactly(1, 2, 3);
    assertThat(came.toFloatArray()).isEqualTo(floats(6));
    NdArray shorts =
        NdArray.of(DType.UINT16, ByteBuffer.wrap(bytes(8)).order(ByteOrder.nativeOrder()), 2, 2);
    NdArray back = pool.function("binary:echo").arg("x", shorts).call(NdArray.class);
    assertThat(back.dtype()).isEqualTo(DType.UINT16);
    assertThat(back.asByteBuffer()).isEqualTo(ByteBuffer.wrap(bytes(8)));
  }

  @Test
  void elementsInTheOtherByteOrderAreConverted() {
    ByteOrder other =
        ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
            ? ByteOrder.LITTLE_ENDIAN
            : ByteOrder.BIG_ENDIAN;
    ByteBuffer data = ByteBuffer.allocate(12).order(other).putInt(1).putInt(-2).putInt(3).flip();
    NdArray sent = NdArray.of(DType.INT32, data);
    assertThat(pool.function("binary:echo").args(sent).call(int[].class)).containsExactly(1, -2, 3);
  }

  @Test
  void streamsAreReadOnceHoweverOftenTheRequestIsUsed() throws IOException {
    var request = pool.function("binary:echo").arg("x", new ByteArrayInputStream(bytes(5_000)));
    for (int i = 0; i < 2; i++) {
      try (InputStream came = request.call(InputStream.class)) {
        assertThat(came.readAllBytes()).isEqualTo(bytes(5_000));
      }
    }
  }

  @Test
  void positionAndNameSayWhereAnArgumentBelongs() {
    List<Object> answer =
        pool.function("binary:both")
            .args(bytes(3))
            .arg("factor", 4)
            .arg("y", floats(2))
            .call(new PythonType<List<Object>>() {});
    assertThat(answer.toString()).isEqualTo("[3, 4, 8]");
  }

  @Test
  void pythonSeesReadOnlyMemory() {
    Map<String, Object> seen = pool.function("binary:describe").arg("x", bytes(10)).call(OBJECT);
    assertThat(seen).containsEntry("readonly", true).containsEntry("type", "memoryview");
  }

  @Test
  void hintsDecideWhatAnArgumentBecomes() {
    assertThat(pool.function("binary:as_bytes").args(new byte[] {1, 2}).call(byte[].class))
        .containsExactly(2, 1);
    assertThat(pool.function("binary:as_list").args(new float[] {1, 2}).call(Double.class))
        .isEqualTo(3.0);
  }

  @Test
  void anArgumentOfTheWrongTypeIsNamed() {
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("binary:as_bytes").arg("x", floats(3)).call(byte[].class))
        .withMessageContainingAll("'x'", "bytes", "float32 of shape (3,)");
  }

  @Test
  void aResultOfTheWrongTypeSaysWhatWasWantedAndWhatCame() {
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("binary:echo").arg("x", floats(3)).call(double[].class))
        .withMessageContainingAll("float64", "float32 of shape (3,)");
    NdArray square = NdArray.of(floats(4), 2, 2);
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("binary:echo").arg("x", square).call(float[].class))
        .withMessageContainingAll("one axis", "(2, 2)");
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool.function("binary:echo").arg("x", "text").call(NdArray.class))
        .withMessageContaining("JSON");
  }

  @Test
  void noneIsNull() {
    assertThat(pool.function("binary:echo").arg("x", null).call(NdArray.class)).isNull();
    assertThat(pool.function("binary:echo").arg("x", null).call(float[].class)).isNull();
  }

  @Test
  void bytesWithinAListStayInTheJson() {
    List<Object> came =
        pool.function("binary:echo")
            .arg("x", List.of(new byte[] {1, 2, 3}))
            .call(new PythonType<List<Object>>() {});
    assertThat(came).containsExactly("AQID");
  }

  @Test
  void asynchronousCallsCarryThemToo() {
    assertThat(pool.function("binary:later").arg("x", floats(9)).callAsync(float[].class).join())
        .isEqualTo(floats(9));
  }

  @Test
  void whatExceedsTheFrameLimitIsRefused() {
    assertThatExceptionOfType(RequestTooLargeException.class)
        .isThrownBy(() -> pool.function("binary:echo").arg("x", bytes(1 << 20)).call());
  }
}
