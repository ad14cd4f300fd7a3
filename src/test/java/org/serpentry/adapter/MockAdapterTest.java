// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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
}
