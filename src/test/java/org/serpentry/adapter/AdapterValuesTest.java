// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BindingException;
import org.serpentry.api.NdArray;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonSession;
import org.serpentry.api.PythonType;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.PoolConfig;
import org.serpentry.mock.MockScript;

/** How values and streams pass, for every adapter that a script answers for. */
@Tag("core-pool")
abstract class AdapterValuesTest {
  private final String name;
  private final MockScript script = new MockScript();
  private final JsonbCodec codec = JsonbCodec.create(false, 128);
  private AdaptedPool open;

  AdapterValuesTest(String name) {
    this.name = name;
  }

  /** An answer as callers want it. */
  public record Verdict(String label, BigDecimal score) {}

  @BeforeEach
  void start() {
    PoolConfig config =
        PoolConfig.builder("test")
            .size(2)
            .maxSize(2)
            .maxFrameSize(1 << 20)
            .cancelGrace(Duration.ofSeconds(30))
            .retryDelay(Duration.ZERO)
            .restartBackoffMin(Duration.ofMillis(1))
            .life(life -> life.runRegistry(java.nio.file.Path.of("target/test-runs/" + name)))
            .build();
    open =
        Adapters.of(getClass().getClassLoader())
            .named(name)
            .open(
                new AdapterSetup(
                    config,
                    codec,
                    () -> {
                      throw new AssertionError(name + " asked for a Python");
                    },
                    script,
                    ForkJoinPool::commonPool,
                    builder -> builder));
  }

  AdaptedPool open() {
    return open;
  }

  @AfterEach
  void stop() {
    open.close();
    codec.close();
  }

  String name() {
    return name;
  }

  PythonPool pool() {
    return open.pool();
  }

  MockScript script() {
    return script;
  }

  @Test
  void bytesAndArraysArriveAsSuchHoweverTheyWereGiven() {
    script
        .when("m:describe")
        .answers(
            c ->
                c.named().values().stream()
                    .map(v -> v instanceof byte[] b ? "bytes " + b.length : String.valueOf(v))
                    .toList());

    assertThat(
            pool()
                .function("m:describe")
                .arg("a", new byte[] {1, 2, 3})
                .arg("b", ByteBuffer.allocate(5))
                .arg("c", new ByteArrayInputStream(new byte[7]))
                .arg("d", new float[] {1, 2})
                .arg("e", NdArray.of(new long[] {1, 2, 3, 4, 5, 6}, 2, 3))
                .arg("f", null)
                .arg("g", "text")
                .call(new PythonType<List<String>>() {}))
        .containsExactly(
            "bytes 3", "bytes 5", "bytes 7", "float32(2,)", "int64(2, 3)", "null", "text");
    script.when("m:last").answers(c -> ((byte[]) c.argument(1))[2]);
    assertThat(pool().function("m:last").args("x", new byte[] {7, 8, 9}).call(Integer.class))
        .isEqualTo(9);
  }

  @Test
  void largeBytesArriveAgainAndAgain() {
    script.when("m:sum").answers(c -> sum((byte[]) c.argument(0)));
    byte[] large = new byte[300_000]; // Above the threshold of shared memory.

    for (int i = 1; i <= 5; i++) {
      large[i * 50_000] = (byte) i;
      assertThat(pool().function("m:sum").args(large).call(Integer.class))
          .isEqualTo(i * (i + 1) / 2);
    }
  }

  private static int sum(byte[] bytes) {
    int sum = 0;
    for (byte each : bytes) {
      sum += each;
    }
    return sum;
  }

  @Test
  void bytesAndArraysAreResultsOfTheTypesThatTakeThem() {
    script.when("m:bytes").returns(new byte[] {1, 2, 3});
    script.when("m:array").returns(NdArray.of(new float[] {1, 2, 3, 4}, 2, 2));
    script.when("m:ints").returns(new int[] {5, 6});

    assertThat(pool().function("m:bytes").call(byte[].class)).containsExactly(1, 2, 3);
    assertThat(pool().function("m:bytes").call(ByteBuffer.class))
        .isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    try (NdArray array = pool().function("m:array").call(NdArray.class)) {
      assertThat(array.shape()).containsExactly(2, 2);
      assertThat(array.toFloatArray()).containsExactly(1, 2, 3, 4);
    }
    assertThat(pool().function("m:ints").call(int[].class)).containsExactly(5, 6);
    assertThat(pool().function("m:array").call(new PythonType<List<List<Double>>>() {}))
        .containsExactly(List.of(1.0, 2.0), List.of(3.0, 4.0));
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool().function("m:ints").call(float[].class));
    script.when("m:text").returns("text");
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool().function("m:text").call(NdArray.class));
  }

  @Test
  void aSessionsStateComesAlongWithBytes() {
    script
        .when("chat:keep")
        .answers(
            c -> {
              c.state().put("length", ((byte[]) c.argument("data")).length);
              return c.argument("data");
            });
    script.when("chat:length").answers(c -> c.state().get("length"));
    PythonSession session = pool().session("with-bytes");

    assertThat(session.function("chat:keep").arg("data", new byte[] {4, 5}).call(byte[].class))
        .containsExactly(4, 5);
    assertThat(session.function("chat:length").call(Integer.class)).isEqualTo(2);
  }

  @Test
  void aListIsWhatAFunctionYields() {
    script.when("m:count").returns(List.of(1, 2, 3));
    script.when("m:array").returns(new Object[] {"a", "b"});
    script.when("m:none").returns(List.of());
    script.when("m:seven").returns(7);
    script.when("m:broken").raises("ValueError", "no");

    assertThat(pool().function("m:count").stream(long.class)).containsExactly(1L, 2L, 3L);
    assertThat(pool().function("m:array").stream(String.class)).containsExactly("a", "b");
    assertThat(pool().function("m:none").stream(String.class)).isEmpty();
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool().function("m:seven").stream(int.class).toList())
        .withMessageContaining("a stream was asked for");
    assertThatExceptionOfType(PythonCallException.class)
        .isThrownBy(() -> pool().function("m:broken").stream(int.class).toList());
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool().function("m:array").stream(int.class).toList());
  }

  @Test
  void aStreamMayFailInItsMidst() {
    script
        .when("m:some")
        .answers(
            c ->
                Stream.of(1, 2, 3)
                    .peek(
                        n -> {
                          if (n == 3) {
                            throw new IllegalStateException("no third");
                          }
                        }));
    List<Integer> read = new ArrayList<>();

    assertThatExceptionOfType(PythonCallException.class)
        .isThrownBy(() -> pool().function("m:some").stream(int.class).forEach(read::add))
        .satisfies(e -> assertThat(e.pythonMessage()).isEqualTo("no third"));
    assertThat(read).containsExactly(1, 2);
  }

  @Test
  void aLongStreamComesWhole() {
    script.when("m:range").answers(c -> IntStream.range(0, 5_000).boxed());

    assertThat(pool().function("m:range").stream(int.class).mapToInt(i -> i).sum())
        .isEqualTo(5_000 * 4_999 / 2);
  }
}
