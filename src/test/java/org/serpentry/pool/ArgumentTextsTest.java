// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the log of slow calls says of arguments. */
@Tag("core-pool")
@Tag("layer-1")
class ArgumentTextsTest {

  private static Map<String, Object> named() {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("model", "openai/a");
    named.put("api_key", "sk-very-secret");
    named.put("PASSWORD", "hunter2");
    return named;
  }

  @Test
  void valuesAreToldOnDemandButForThoseWhoseNamesSpeakOfSecrets() {
    assertThat(ArgumentTexts.of(List.of(4, "x"), named(), true))
        .containsExactly(
            "0: Integer = 4",
            "1: text of 1 characters = x",
            "model: text of 8 characters = openai/a",
            "api_key: text of 14 characters = …",
            "PASSWORD: text of 7 characters = …");
  }

  @Test
  void withoutDemandThereAreSizesAlone() {
    assertThat(ArgumentTexts.of(List.of(), named(), false))
        .containsExactly(
            "model: text of 8 characters",
            "api_key: text of 14 characters",
            "PASSWORD: text of 7 characters");
  }
}
