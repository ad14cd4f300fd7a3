// SPDX-License-Identifier: Apache-2.0
package org.serpentry.attachment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.BindingException;
import org.serpentry.api.PythonType;
import org.serpentry.config.AttachmentConfigBuilder;
import org.serpentry.testing.TestPool;

/** Lists of records as pandas and Polars frames and back, with real workers, by both ways. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FrameCallTest {

  /** Long enough for a table, and too short for one. */
  private static final int TABLE = 400;

  private static final int JSON = 50;

  private static final PythonType<Map<String, Object>> SEEN = new PythonType<>() {};

  public record Row(
      long id,
      Integer count,
      double price,
      Double discount,
      boolean open,
      Boolean paid,
      String name) {}

  public record Made(
      int small, double floating, Integer sometimes, Double gone, String text, boolean truth) {}

  private TestPool pool;

  @BeforeAll
  void start() throws InterruptedException {
    pool =
        TestPool.builder()
            .interpreter(CheckedPython.interpreter())
            .modules(Path.of("python/tests/modules").toAbsolutePath())
            .settings(c -> c.preload(List.of("tables")).attachments(FrameCallTest::sharing))
            .start();
  }

  private static void sharing(AttachmentConfigBuilder a) {
    a.attachmentThreshold(32 * 1024);
  }

  @AfterAll
  void close() {
    pool.close();
  }

  private static List<Row> rows(long seed, int count, boolean gaps) {
    Random random = new Random(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          new Row(
              random.nextLong(),
              (gaps && random.nextInt(3) == 0) ? null : random.nextInt(),
              random.nextGaussian(),
              (gaps && random.nextInt(3) == 0) ? null : random.nextInt(9) / 8.0,
              random.nextBoolean(),
              (gaps && random.nextInt(3) == 0) ? null : random.nextBoolean(),
              (gaps && random.nextInt(3) == 0) ? null : "größe \"" + i + "\", []{}"));
    }
    return rows;
  }

  /** What a frame of the rows is, by pieces that go as JSON. */
  private Map<String, Object> seen(String target, List<Row> rows) {
    return pool.function(target).arg("rows", rows).call(SEEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tables:pandas_seen", "tables:polars_seen"})
  void aFrameIsTheSameByEitherWay(String target) {
    for (int seed = 0; seed < 6; seed++) {
      List<Row> rows = rows(seed, TABLE, seed % 2 == 1);
      Map<String, Object> first = seen(target, rows);
      Map<String, Object> again = seen(target, rows); // by now the pool knows of the frame
      assertThat(again).isEqualTo(first);
      Map<String, Object> shorter = seen(target, rows.subList(0, JSON));
      if (seed % 2 == 0) {
        assertThat(shorter.get("types")).isEqualTo(first.get("types"));
      }
      assertThat(first.get("types").toString())
          .contains("id=", "count=", "price=", "discount=", "open=", "paid=", "name=");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tables:pandas_echo", "tables:polars_echo"})
  void recordsComeBackAsTheyWent(String target) {
    PythonType<List<Row>> type = new PythonType<>() {};
    for (int count : List.of(1, JSON, TABLE, TABLE + 1, 5_000)) {
      for (int round = 0; round < 3; round++) {
        List<Row> rows = rows(count, count, round > 0);
        assertThat(pool.function(target).args(rows).call(type)).isEqualTo(rows);
        assertThat(pool.function(target).arg("rows", rows).callAsync(type).join()).isEqualTo(rows);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tables:pandas_echo", "tables:polars_echo"})
  void longListsAndFramesTravelInSharedMemoryWhichIsUsedAgain(String target) {
    PythonType<List<Row>> type = new PythonType<>() {};
    List<Row> rows = rows(0, 5_000, true);
    pool.function(target).args(rows).call(type);
    assertThat(pool.function(target).args(rows).call(type)).isEqualTo(rows);
    int mappings = pool.function("binary:mappings").call(Integer.class);
    assertThat(mappings).as("for arguments and for results").isGreaterThanOrEqualTo(2);
    for (int i = 0; i < 5; i++) {
      assertThat(pool.function(target).args(rows).call(type)).isEqualTo(rows);
    }
    assertThat(pool.function("binary:mappings").call(Integer.class)).isEqualTo(mappings);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pandas", "polars"})
  void columnsOfOtherTypesAreReadToo(String kind) {
    PythonType<List<Made>> type = new PythonType<>() {};
    List<Made> expected =
        IntStream.range(0, 2_000)
            .mapToObj(
                n ->
                    new Made(
                        n,
                        n / 4.0,
                        n % 3 == 0 ? null : (Integer) n,
                        n % 5 == 0 ? null : (Double) (n / 3.0),
                        n % 7 == 0 ? null : "größe \"" + n + "\", [" + n + "]",
                        n % 2 == 0))
            .toList();
    for (int round = 0; round < 3; round++) {
      assertThat(pool.function("tables:made").args(kind, 2_000).call(type)).isEqualTo(expected);
    }
  }

  @Test
  void aFrameThatIsGivenByNameBesidesOthersArrives() {
    for (int round = 0; round < 2; round++) {
      assertThat(
              pool.function("tables:second")
                  .args(3)
                  .arg("rows", rows(1, TABLE, true))
                  .call(Integer.class))
          .isEqualTo(3 * TABLE);
    }
  }

  @Test
  void listsForOtherHintsStayWhatTheyWere() {
    List<Map<String, Object>> rows = new ArrayList<>();
    IntStream.range(0, TABLE).forEach(i -> rows.add(Map.of("a", i, "b", i / 2.0)));
    PythonType<List<Map<String, Double>>> type = new PythonType<>() {};
    for (int round = 0; round < 3; round++) {
      List<Map<String, Double>> came = pool.function("tables:plain").args(rows).call(type);
      assertThat(came).hasSize(TABLE);
      assertThat(came.get(7)).containsEntry("a", 7.0).containsEntry("b", 3.5);
    }
  }

  @Test
  void wrongShapesAreNamedByRowAndColumn() {
    List<Map<String, Object>> good = new ArrayList<>();
    IntStream.range(0, TABLE).forEach(i -> good.add(Map.of("a", i, "b", "x" + i)));
    pool.function("tables:pandas_seen").args(good).call(SEEN);
    Map<String, Object> missing = Map.of("a", 1);
    Map<String, Object> further = Map.of("a", 1, "b", "x", "c", 2);
    Map<String, Object> nested = Map.of("a", 1, "b", Map.of("c", 2));
    Map<Map<String, Object>, String> places = new HashMap<>();
    places.put(missing, "rows[300].b");
    places.put(further, "rows[300].c");
    places.put(nested, "rows[300].b");
    for (Map<String, Object> row : List.of(missing, further, nested)) {
      List<Map<String, Object>> bad = new ArrayList<>(good);
      bad.set(300, row);
      for (String target : List.of("tables:pandas_seen", "tables:polars_seen")) {
        assertThatExceptionOfType(BindingException.class)
            .isThrownBy(() -> pool.function(target).args(bad).call(SEEN))
            .withMessageContaining(places.get(row));
      }
    }
  }
}
