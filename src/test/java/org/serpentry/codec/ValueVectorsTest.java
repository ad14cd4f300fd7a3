// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.Array;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.serpentry.spi.CodecException;

/** The golden vectors of the value table; the Python tests assert the same file. */
@Tag("layer-1")
class ValueVectorsTest {
  private static final JsonObject VECTORS = vectors();
  private static final JsonbCodec STRICT = JsonbCodec.create(false, 128);
  private static final JsonbCodec NAN_ALLOWED = JsonbCodec.create(true, 128);

  static Stream<Named<JsonObject>> values() {
    return vectors("values").filter(vector -> vector.getPayload().containsKey("java"));
  }

  static Stream<Named<JsonObject>> arguments() {
    return values().filter(vector -> !"toJava".equals(vector.getPayload().getString("direction")));
  }

  static Stream<Named<JsonObject>> notFiniteValues() {
    return vectors("valuesWithNanAllowed")
        .filter(vector -> vector.getPayload().containsKey("java"));
  }

  static Stream<Named<JsonObject>> refusedResults() {
    return vectors("refused").filter(vector -> vector.getPayload().containsKey("java"));
  }

  static Stream<Named<JsonObject>> refusedArguments() {
    return vectors("refused").filter(vector -> vector.getPayload().containsKey("javaValue"));
  }

  @ParameterizedTest
  @MethodSource("values")
  void aResultArrivesAsTheTableSays(JsonObject vector) {
    Object value = decode(STRICT, vector);

    assertDecoded(vector, value);
  }

  @ParameterizedTest
  @MethodSource("arguments")
  void anArgumentIsWrittenAsTheTableSays(JsonObject vector) {
    assertEncoded(STRICT, vector);
  }

  @ParameterizedTest
  @MethodSource("notFiniteValues")
  void notFiniteNumbersPassAsTextsWhereThePoolAllowsThem(JsonObject vector) {
    assertDecoded(vector, decode(NAN_ALLOWED, vector));
    assertEncoded(NAN_ALLOWED, vector);
  }

  @ParameterizedTest
  @MethodSource("refusedResults")
  void aResultThatDoesNotFitIsRefusedWithTypeAndText(JsonObject vector) {
    CodecException refused =
        catchThrowableOfType(CodecException.class, () -> decode(STRICT, vector));

    assertThat(refused.reason()).hasToString(vector.getString("reason"));
    assertThat(refused.typeName()).isEqualTo(type(vector).getTypeName());
    if (refused.reason() == CodecException.Reason.MISMATCH) {
      assertThat(refused)
          .hasMessageContainingAll(type(vector).getTypeName(), vector.getString("json"));
    }
  }

  @ParameterizedTest
  @MethodSource("refusedArguments")
  void anArgumentThatJsonCannotCarryIsRefused(JsonObject vector) {
    Object value = VectorTypes.refusedArgument(vector.getString("javaValue"));

    CodecException refused = catchThrowableOfType(CodecException.class, () -> STRICT.encode(value));

    assertThat(refused.reason()).hasToString(vector.getString("reason"));
  }

  private static void assertDecoded(JsonObject vector, Object value) {
    if (vector.containsKey("javaText")) {
      assertThat(String.valueOf(value)).isEqualTo(vector.getString("javaText"));
    }
    if (type(vector) instanceof Class<?> kind && !kind.isPrimitive() && value != null) {
      assertThat(value).isInstanceOf(kind);
    }
    if (value != null && value.getClass().isArray() && !(value instanceof byte[])) {
      assertThat(Array.getLength(value))
          .isEqualTo(json(vector.getString("json")).asJsonArray().size());
    }
  }

  private static void assertEncoded(JsonbCodec codec, JsonObject vector) {
    byte[] written = codec.encode(decode(codec, vector));

    String expected = vector.getString("javaJson", vector.getString("json"));
    assertThat(json(new String(written, StandardCharsets.UTF_8))).isEqualTo(json(expected));
  }

  private static Object decode(JsonbCodec codec, JsonObject vector) {
    byte[] utf8 = ("  " + vector.getString("json") + "]").getBytes(StandardCharsets.UTF_8);
    return codec.decode(utf8, 2, utf8.length - 3, type(vector));
  }

  private static Type type(JsonObject vector) {
    return VectorTypes.parse(vector.getString("java"));
  }

  private static JsonValue json(String text) {
    try (JsonReader reader = Json.createReader(new StringReader("[" + text + "]"))) {
      return reader.readArray().get(0);
    }
  }

  private static Stream<Named<JsonObject>> vectors(String name) {
    return VECTORS.getJsonArray(name).getValuesAs(JsonObject.class).stream()
        .map(vector -> Named.of(vector.getString("name"), vector));
  }

  private static JsonObject vectors() {
    Path file = Path.of("protocol", "vectors", "values.json");
    try (JsonReader reader = Json.createReader(Files.newBufferedReader(file))) {
      return reader.readObject();
    } catch (IOException missing) {
      throw new java.io.UncheckedIOException(missing);
    }
  }
}
