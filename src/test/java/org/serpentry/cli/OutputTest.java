// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class OutputTest {

  @Test
  void whatIsWrittenAsJsonIsReadAsItWas() throws Exception {
    StringBuilder odd = new StringBuilder();
    for (char c = 0; c < 0x2100; c++) {
      odd.append(c);
    }
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("text", odd.toString());
    value.put("key \"of\" \n its own", List.of());
    value.put("list", Arrays.asList(1L, true, null, "x", Map.of(), List.of(2.5)));
    try (Jsonb jsonb = JsonbBuilder.create()) {
      Map<?, ?> read = jsonb.fromJson(Json.of(value), Map.class);
      assertThat(read.get("text")).isEqualTo(odd.toString());
      assertThat(read.get("key \"of\" \n its own")).isEqualTo(List.of());
      assertThat(jsonb.toJson(read.get("list"))).isEqualTo("[1,true,null,\"x\",{},[2.5]]");
    }
    assertThat(Json.of(Arrays.asList(Double.NaN, Double.POSITIVE_INFINITY)))
        .isEqualTo("[null,null]");
    assertThat(Json.of(value)).doesNotContain("\n");
  }

  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    assertThat(
            Table.of(
                List.of("pool", "WorkersReady", "Reason"),
                List.of(
                    Map.of("pool", "a long name", "WorkersReady", 12),
                    Map.of("pool", "b", "WorkersReady", 3, "Reason", "none\nat all"))))
        .isEqualTo(
            """
            POOL         WORKERS READY  REASON
            a long name  12
            b            3              none at all
            """);
  }

  @Test
  void noCellDrivesTheTerminal() {
    assertThat(Table.cell("\u001b[31mred\r\u009bK\u0007")).isEqualTo("?[31mred??K?");
    assertThat(Table.printable("two\n\tlines\u001b")).isEqualTo("two\n\tlines?");
  }
}
