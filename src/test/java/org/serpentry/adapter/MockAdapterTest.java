// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.DayOfWeek;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BindingException;
import org.serpentry.api.NdArray;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonType;

/** The mock adapter: a script alone. */
@Tag("layer-1")
class MockAdapterTest extends AdapterContractTest {

  MockAdapterTest() {
    super("mock");
  }

  /** What a caller may want of a function. */
  public record Wanted(
      String text, int number, boolean flag, DayOfWeek day, List<String> list, Verdict inner) {}

  @Test
  void inventedAnswersFitTheTypeAndSayThatTheyAreMock() {
    script().invent();

    Wanted made = pool().function("m:f").call(Wanted.class);
    assertThat(made.text()).isEqualTo("mock answer of m:f");
    assertThat(made.number()).isZero();
    assertThat(made.day()).isEqualTo(DayOfWeek.MONDAY);
    assertThat(made.list()).isEmpty();
    assertThat(made.inner().label()).startsWith("mock");
    assertThat(pool().function("m:f").call(new PythonType<Map<String, Object>>() {}))
        .containsEntry("mock", true);
    assertThat(pool().function("m:f").call(long.class)).isZero();
    assertThat(pool().function("m:f").call(new PythonType<List<Verdict>>() {})).isEmpty();
  }

  @Test
  void bytesAndArraysPassAsTheyAre() {
    script().when("m:size").answers(c -> ((byte[]) c.argument(0)).length);
    script().when("m:array").returns(NdArray.of(new float[] {1, 2}));

    assertThat(pool().function("m:size").args(new byte[5]).call(Integer.class)).isEqualTo(5);
    try (NdArray array = pool().function("m:array").call(NdArray.class)) {
      assertThat(array.toFloatArray()).containsExactly(1, 2);
    }
  }

  @Test
  void aListIsWhatAFunctionYields() {
    script().when("m:count").returns(List.of(1, 2, 3));
    script().when("m:seven").returns(7);
    script().when("m:broken").raises("ValueError", "no");

    assertThat(pool().function("m:count").stream(long.class)).containsExactly(1L, 2L, 3L);
    assertThatExceptionOfType(BindingException.class)
        .isThrownBy(() -> pool().function("m:seven").stream(int.class).toList())
        .withMessageContaining("a stream was asked for");
    assertThatExceptionOfType(PythonCallException.class)
        .isThrownBy(() -> pool().function("m:broken").stream(int.class).toList());
  }
}
