// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.serpentry.api.PythonType;
import org.serpentry.codec.JsonbCodec;

/** The golden vectors of {@code protocol/vectors/tables.json}, as Python asserts them too. */
@Tag("core-pool")
@Tag("layer-1")
class TableTest {

  private static List<Map<String, Object>> all() throws IOException {
    try (JsonbCodec codec = JsonbCodec.create(false, 32)) {
      byte[] json = Files.readAllBytes(Path.of("protocol/vectors/tables.json"));
      return codec.decode(
          json, 0, json.length, new PythonType<List<Map<String, Object>>>() {}.type());
    }
  }

  private static Stream<Map<String, Object>> good() throws IOException {
    return all().stream().filter(v -> v.containsKey("columns"));
  }

  private static Stream<Map<String, Object>> malformed() throws IOException {
    return all().stream().filter(v -> v.containsKey("error"));
  }

  private static ByteBuffer bytes(Object hex) {
    return hex == null ? null : ByteBuffer.wrap(HexFormat.of().parseHex((String) hex));
  }

  private static Table table(Map<String, Object> vector) {
    List<Table.Column> columns = new ArrayList<>();
    for (Object each : (List<?>) vector.get("columns")) {
      Map<?, ?> values = (Map<?, ?>) each;
      columns.add(
          new Table.Column(
              (String) values.get("name"),
              ((Number) values.get("type")).intValue(),
              bytes(values.get("data")),
              bytes(values.get("missing"))));
    }
    return new Table(((Number) vector.get("rows")).intValue(), columns);
  }

  @ParameterizedTest
  @MethodSource("good")
  void writesTheGoldenTables(Map<String, Object> vector) {
    assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "they are little-endian");
    assertThat(table(vector).toBytes()).isEqualTo(bytes(vector.get("hex")));
  }

  @ParameterizedTest
  @MethodSource("good")
  void readsTheGoldenTablesWhereverTheyLie(Map<String, Object> vector)
      throws MalformedFrameException {
    ByteBuffer table = bytes(vector.get("hex"));
    ByteBuffer within = ByteBuffer.allocate(table.remaining() + 24);
    within.position(16).put(table).flip().position(16);
    assertThat(Table.read(within)).isEqualTo(table(vector));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refusesMalformedTables(Map<String, Object> vector) {
    assertThatExceptionOfType(MalformedFrameException.class)
        .isThrownBy(() -> Table.read(bytes(vector.get("hex"))));
  }
}
