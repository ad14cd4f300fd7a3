// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.PythonType;
import org.serpentry.protocol.Table;
import org.serpentry.spi.CodecException;

/** Lists of records as tables: whatever they are read as, the JSON would have been read as it. */
@Tag("core-pool")
@Tag("layer-1")
class TableCodecTest {

  public record Row(
      long id,
      Integer count,
      double price,
      Double discount,
      boolean open,
      Boolean paid,
      String name) {}

  public record Ids(int id) {}

  public record Positive(int id) {
    public Positive {
      if (id <= 0) {
        throw new IllegalArgumentException("not positive");
      }
    }
  }

  public record Nested(Ids ids) {}

  private final JsonbCodec codec = JsonbCodec.create(false, 32);

  @AfterEach
  void close() {
    codec.close();
  }

  private static List<Row> rows(long seed, int count, double gaps) {
    Random random = new Random(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          new Row(
              random.nextLong(),
              random.nextDouble() < gaps ? null : random.nextInt(),
              random.nextGaussian() * 1e9,
              random.nextDouble() < gaps ? null : (double) random.nextInt(5),
              random.nextBoolean(),
              random.nextDouble() < gaps ? null : random.nextBoolean(),
              random.nextDouble() < gaps ? null : "größe \"[" + i + ",{]}\\"));
    }
    return rows;
  }

  private String json(Object value) {
    return new String(codec.encode(value), StandardCharsets.UTF_8);
  }

  private <T> T decoded(String json, PythonType<T> type) {
    byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
    return codec.decode(utf8, 0, utf8.length, type.type());
  }

  private static Table.Column column(Table table, String name) {
    return table.columns().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  private static ByteBuffer longs(long... values) {
    ByteBuffer data = ByteBuffer.allocate(values.length * 8).order(ByteOrder.nativeOrder());
    Arrays.stream(values).forEach(data::putLong);
    return data.flip();
  }

  private static Table ids(int type, ByteBuffer data, ByteBuffer missing) {
    int rows = missing == null ? data.remaining() / 8 : missing.remaining();
    return new Table(rows, List.of(new Table.Column("id", type, data, missing)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.4, 1})
  void recordsComeBackAsTheyWentAndSayWhatTheirJsonSays(double gaps) {
    PythonType<List<Row>> type = new PythonType<>() {};
    for (int seed = 0; seed < 20; seed++) {
      List<Row> rows = rows(seed, 1 + seed * 7, gaps);
      Table table = codec.table(rows);
      assertThat(codec.rows(table, type.type())).isEqualTo(rows);
      assertThat(new String(ColumnText.json(table), StandardCharsets.UTF_8)).isEqualTo(json(rows));
    }
  }

  @Test
  void columnsHaveTheOrderOfTheJson() {
    Table table = codec.table(rows(1, 3, 0));
    assertThat(table.columns())
        .extracting(Table.Column::name)
        .containsExactly("count", "discount", "id", "name", "open", "paid", "price");
    assertThat(column(table, "count").type()).isEqualTo(Table.INT64);
    assertThat(column(table, "price").type()).isEqualTo(Table.FLOAT64);
    assertThat(column(table, "open").type()).isEqualTo(Table.BOOL);
    assertThat(column(table, "name").type()).isEqualTo(Table.JSON);
  }

  @Test
  void mapsWithTheSameKeysAreRowsWhateverTheirOrder() {
    Map<String, Object> first = new LinkedHashMap<>();
    first.put("b", 1);
    first.put("a", null);
    first.put("mixed", 1);
    Map<String, Object> second = new LinkedHashMap<>();
    second.put("a", 0.5);
    second.put("mixed", "text");
    second.put("b", 2L);
    Table table = codec.table(List.of(first, second));
    assertThat(new String(ColumnText.json(table), StandardCharsets.UTF_8))
        .isEqualTo("[{\"b\":1,\"a\":null,\"mixed\":1},{\"b\":2,\"a\":0.5,\"mixed\":\"text\"}]");
    assertThat(column(table, "mixed").type()).isEqualTo(Table.JSON);
  }

  @Test
  void whatIsOutOfTheOrdinaryIsLeftToTheJson() {
    assertThat(codec.table(List.of())).isNull();
    assertThat(codec.table(List.of(new Nested(new Ids(1))))).isNull();
    assertThat(codec.table(List.of("text"))).isNull();
    assertThat(codec.table(Arrays.asList(new Ids(1), null))).isNull();
    assertThat(codec.table(List.of(new Ids(1), new Positive(1)))).isNull();
    assertThat(codec.table(List.of(Map.of()))).isNull();
    assertThat(codec.table(List.of(Map.of("a", 1), Map.of("b", 1)))).isNull();
    assertThat(codec.table(List.of(Map.of("a", 1), Map.of("a", 1, "b", 1)))).isNull();
    assertThat(codec.table(List.of(Map.of(1, 1)))).isNull();
    Table decimals = codec.table(List.of(Map.of("a", new BigDecimal("1.10"))));
    assertThat(column(decimals, "a").type()).isEqualTo(Table.JSON);
    Map<String, Object> none = new HashMap<>();
    none.put("a", null);
    assertThat(column(codec.table(List.of(none)), "a").type()).isEqualTo(Table.JSON);
  }

  @Test
  void numbersThatAreNotFiniteAreRefusedAsInJson() {
    List<Map<String, Double>> rows = List.of(Map.of("a", 1.0), Map.of("a", Double.NaN));
    assertThatExceptionOfType(CodecException.class).isThrownBy(() -> codec.table(rows));
  }

  @Test
  void onlyListsOfFlatRecordsAreRead() {
    assertThat(codec.readsTables(new PythonType<List<Row>>() {}.type())).isTrue();
    assertThat(codec.readsTables(new PythonType<List<Nested>>() {}.type())).isFalse();
    assertThat(codec.readsTables(new PythonType<List<Map<String, Object>>>() {}.type())).isFalse();
    assertThat(codec.readsTables(Row.class)).isFalse();
    assertThat(codec.readsTables(List.class)).isFalse();
  }

  @Test
  void whatDoesNotFitTheTypeFailsAsTheJsonDoes() {
    PythonType<List<Ids>> type = new PythonType<>() {};
    for (Table table :
        List.of(
            ids(Table.INT64, longs(3_000_000_000L), null),
            ids(Table.JSON, ByteBuffer.wrap("[1.5]".getBytes(StandardCharsets.UTF_8)), null),
            ids(
                Table.FLOAT64,
                longs(Double.doubleToLongBits(1.5), Double.doubleToLongBits(2)),
                null))) {
      Table whole =
          new Table(table.columns().get(0).type() == Table.FLOAT64 ? 2 : 1, table.columns());
      String json = new String(ColumnText.json(whole), StandardCharsets.UTF_8);
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> codec.rows(whole, type.type()))
          .satisfies(
              refused ->
                  assertThatExceptionOfType(CodecException.class)
                      .isThrownBy(() -> decoded(json, type))
                      .withMessage(refused.getMessage()));
    }
  }

  @Test
  void aMissingNumberForAPrimitiveIsWhatTheJsonMakesOfIt() {
    Table table = ids(Table.INT64, longs(1, 0), ByteBuffer.wrap(new byte[] {0, 1}));
    PythonType<List<Ids>> type = new PythonType<>() {};
    Object expected;
    try {
      expected = decoded("[{\"id\":1},{\"id\":null}]", type);
    } catch (CodecException e) {
      expected = e.getMessage();
    }
    Object actual;
    try {
      actual = codec.rows(table, type.type());
    } catch (CodecException e) {
      actual = e.getMessage();
    }
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void aConstructorThatRefusesARowIsHeard() {
    PythonType<List<Positive>> type = new PythonType<>() {};
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> codec.rows(ids(Table.INT64, longs(1, -1), null), type.type()))
        .withMessageContaining("not positive");
  }

  @Test
  void aColumnOfTooFewValuesIsRefused() {
    Table table =
        new Table(
            2,
            ids(Table.JSON, ByteBuffer.wrap("[1]".getBytes(StandardCharsets.UTF_8)), null)
                .columns());
    PythonType<List<Ids>> type = new PythonType<>() {};
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> codec.rows(table, type.type()))
        .withMessageContaining("1 values for 2 rows");
  }
}
