// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbConfig;
import jakarta.json.bind.annotation.JsonbProperty;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.PythonType;
import org.serpentry.spi.CodecException;
import org.serpentry.spi.CodecException.Reason;

/** That records written and read without JSON-B come out as JSON-B would have them. */
@Tag("layer-1")
class PlainRecordTest {

  /** One member of each kind, in no order. */
  public record Kinds(
      String text,
      int number,
      Integer boxed,
      long big,
      Long boxedBig,
      double real,
      Double boxedReal,
      boolean truth,
      Boolean boxedTruth,
      List<String> texts,
      List<Double> reals) {}

  /** Holds others of its own type. */
  public record Tree(String name, List<Tree> branches, Tree trunk) {}

  /** Checks what it is given. */
  public record Picky(int count) {
    /** Refuses what is below zero. */
    public Picky {
      if (count < 0) {
        throw new IllegalArgumentException("count must not be negative");
      }
    }
  }

  /** Says something to JSON-B. */
  public record Renamed(@JsonbProperty("other") String name) {}

  /** Has one more member in JSON-B's eyes. */
  public record WithGetter(String name) {
    /** One more member. */
    public String getShout() {
      return name + "!";
    }
  }

  private final Jsonb jsonb = JsonbBuilder.create(new JsonbConfig().withNullValues(true));
  private final JsonbCodec codec = JsonbCodec.create(false, 128);

  static Stream<Object> values() {
    List<Object> values = new ArrayList<>();
    String[] texts = {"", "plain", "q\"b\\n\n\t\u0001\u007f", "Grüße, 世界 😀", "</script>", null};
    double[] reals = {0, -0.0, 1.5, 1e300, -4.9e-324, 0.1, 1e7, 123456789.125};
    long[] integers = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 999_999_999_999_999_999L};
    for (int i = 0; i < 24; i++) {
      String text = texts[i % texts.length];
      double real = reals[i % reals.length];
      long integer = integers[i % integers.length];
      boolean none = i % 5 == 0;
      values.add(
          new Kinds(
              text,
              (int) integer,
              none ? null : Integer.MIN_VALUE + i,
              integer,
              none ? null : integer,
              real,
              none ? null : real,
              i % 2 == 0,
              none ? null : i % 2 == 1,
              none ? null : List.of("a", "b"),
              i % 3 == 0 ? List.of() : List.of(real, 2.0)));
    }
    values.add(new Tree("a", List.of(new Tree("b", List.of(), null)), new Tree(null, null, null)));
    values.add(new Picky(3));
    values.add(new Renamed("x"));
    values.add(new WithGetter("x"));
    return values.stream();
  }

  @ParameterizedTest
  @MethodSource("values")
  void recordIsWrittenToTheSameJson(Object value) {
    String own = new String(codec.encode(value), StandardCharsets.UTF_8);

    // By way of a parser: numbers and escapes may be spelled in more than one way.
    assertThat(tree(own)).isEqualTo(tree(jsonb.toJson(value)));
  }

  @ParameterizedTest
  @MethodSource("values")
  void recordIsReadBackFromItsJson(Object value) {
    if (value instanceof WithGetter) {
      assertThat(new Shapes().of(value.getClass())).isNull();
    }
    byte[] json = jsonb.toJson(value).getBytes(StandardCharsets.UTF_8);

    Object own = codec.decode(json, 0, json.length, value.getClass());

    assertThat(own).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"count\":3}",
        "{ \"count\" : 3 }",
        "{\"count\":3,\"more\":[1]}",
        "{\"count\":3.0}",
        "{\"count\":3e0}",
        "{\"more\":{},\"count\":3}",
        "{\"\\u0063ount\":3}",
      })
  void unusualJsonIsReadAllTheSame(String json) {
    assertThat(decode(json, Picky.class)).isEqualTo(new Picky(3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"count\":-1}",
        "{\"count\":3.5}",
        "{\"count\":3000000000}",
        "{\"count\":99999999999999999999}",
        "{\"count\":\"three\"}",
        "{\"count\":true}",
        "{\"count\":03}",
        "{\"count\":3",
        "{\"count\":}",
        "{\"count\":3}}",
        "[3]",
        "",
      })
  void whatDoesNotFitIsLeftToJsonb(String json) {
    assertThat(read(json, Picky.class)).isSameAs(PlainReader.GIVEN_UP);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.", "01", "+1", ".5", "1e", "NaN", "0x1", "1d", "--1"})
  void whatIsNoNumberIsLeftToJsonb(String number) {
    assertThat(read(number, double.class)).isSameAs(PlainReader.GIVEN_UP);
    assertThat(read("{\"value\":" + number + "}", RealHolder.class)).isSameAs(PlainReader.GIVEN_UP);
  }

  @Test
  void decimalsAreReadAsTheDoublesThatAreNearest() {
    SplittableRandom random = new SplittableRandom(17);
    for (int i = 0; i < 20_000; i++) {
      long mantissa = random.nextLong() >>> random.nextInt(1, 63);
      int decimals = random.nextInt(0, 25);
      String sign = random.nextBoolean() ? "-" : "";
      String number = sign + BigDecimal.valueOf(mantissa, decimals).toPlainString();
      assertThat((Double) read(number, double.class)).isEqualTo(Double.valueOf(number));
    }
    for (String number : new String[] {"0.0", "-0.0", "-0", "999999999999999", "0.3", "5e-324"}) {
      assertThat((Double) read(number, double.class)).isEqualTo(Double.valueOf(number));
    }
  }

  @Test
  void listsOfRecordsAreReadWithoutJsonb() {
    Type type = new PythonType<List<Picky>>() {}.type();

    assertThat(new Shapes().of(type)).isInstanceOf(Shape.Items.class);
    assertThat(decode("[{\"count\":1},{\"count\":2},null]", type))
        .isEqualTo(Arrays.asList(new Picky(1), new Picky(2), null));
  }

  @Test
  void onlyJsonbKnowsWhatIsAnnotatedOrHasFurtherMembers() {
    Shapes shapes = new Shapes();

    assertThat(shapes.of(Renamed.class)).isNull();
    assertThat(shapes.of(WithGetter.class)).isNull();
    assertThat(shapes.of(Kinds.class)).isInstanceOf(PlainRecord.class);
    assertThat(shapes.of(Tree.class)).isInstanceOf(PlainRecord.class);
  }

  @Test
  void depthIsLimitedBothWays() {
    JsonbCodec shallow = JsonbCodec.create(false, 3);
    Tree deep = new Tree("a", null, new Tree("b", null, new Tree("c", null, null)));
    byte[] fits = shallow.encode(deep);
    byte[] json = jsonb.toJson(new Tree("d", null, deep)).getBytes(StandardCharsets.UTF_8);

    assertThat(shallow.<Tree>decode(fits, 0, fits.length, Tree.class)).isEqualTo(deep);
    assertThatThrownBy(() -> shallow.encode(new Tree("d", null, deep)))
        .isInstanceOfSatisfying(
            CodecException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NESTING));
    assertThatThrownBy(() -> shallow.decode(json, 0, json.length, Tree.class))
        .isInstanceOfSatisfying(
            CodecException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NESTING));
  }

  @Test
  void listThatHoldsItselfIsRefused() {
    List<Tree> branches = new ArrayList<>();
    Tree circular = new Tree("a", branches, null);
    branches.add(circular);

    assertThatThrownBy(() -> codec.encode(circular))
        .isInstanceOfSatisfying(
            CodecException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NESTING));
  }

  @Test
  void numberThatIsNotFiniteIsRefused() {
    assertThatThrownBy(() -> codec.encode(List.of(new RealHolder(Double.NaN))))
        .isInstanceOfSatisfying(
            CodecException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FINITE));
  }

  /** Holds a number. */
  public record RealHolder(double value) {}

  private Object tree(String json) {
    return jsonb.fromJson(json, Object.class);
  }

  private static Object read(String json, Type type) {
    byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
    return PlainReader.read(utf8, 0, utf8.length, new Shapes().of(type), 128);
  }

  private Object decode(String json, Type type) {
    byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
    return codec.decode(utf8, 0, utf8.length, type);
  }
}
