// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("layer-1")
class FlatJsonTest {
  @Test
  void readsTextsNumbersAndBooleans() {
    assertThat(
            FlatJson.read("{\"event\": \"ready\", \"built\": true, \"seconds\": 1.5, \"n\": -2}"))
        .isEqualTo(Map.of("event", "ready", "built", "true", "seconds", "1.5", "n", "-2"));
  }

  @Test
  void undoesEveryEscape() {
    assertThat(FlatJson.read("{\"text\": \"a\\\"b\\\\c\\nd\\u00e9\\/, } : ü\"}"))
        .containsExactly(Map.entry("text", "a\"b\\c\ndé/, } : ü"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "plain text", "{\"a\": 1", "{\"a\": {\"b\": 1}}", "{\"a\": 1} more", "[1]"})
  void takesNothingElseForAnObject(String line) {
    assertThat(FlatJson.read(line)).isEmpty();
  }
}
