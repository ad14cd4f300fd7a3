// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class NamedArgumentsTest {

  @Test
  void keepsTheOrderInWhichTheyWereGiven() {
    NamedArguments arguments = NamedArguments.NONE.with("z", 1).with("a", null).with("m", "text");
    assertThat(arguments.keySet()).containsExactly("z", "a", "m");
    assertThat(arguments.values()).containsExactly(1, null, "text");
  }

  @Test
  void isEqualToAnyMapOfTheSame() {
    Map<String, Object> same = new LinkedHashMap<>();
    same.put("a", 1);
    same.put("b", null);
    assertThat(NamedArguments.NONE.with("a", 1).with("b", null)).isEqualTo(same).hasSize(2);
    assertThat(NamedArguments.NONE).isEmpty();
  }

  @Test
  void addingLeavesTheFormerOnesAlone() {
    NamedArguments one = NamedArguments.NONE.with("a", 1);
    NamedArguments two = one.with("b", 2);
    NamedArguments other = one.with("c", 3);
    assertThat(one.keySet()).containsExactly("a");
    assertThat(two.keySet()).containsExactly("a", "b");
    assertThat(other.keySet()).containsExactly("a", "c");
    assertThat(two.containsKey("c")).isFalse();
    assertThat(two.get("b")).isEqualTo(2);
  }

  @Test
  void cannotBeChanged() {
    NamedArguments one = NamedArguments.NONE.with("a", 1);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> one.put("b", 2));
    Iterator<Map.Entry<String, Object>> entries = one.entrySet().iterator();
    Map.Entry<String, Object> entry = entries.next();
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> entry.setValue(2));
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(entries::remove);
    assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(entries::next);
  }
}
