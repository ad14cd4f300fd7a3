// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.codec.VectorTypes.Colour;
import org.serpentry.codec.VectorTypes.Review;
import org.serpentry.spi.CodecException;

/** What the vectors do not say about the codec. */
@Tag("layer-1")
class JsonbCodecTest {
  private static final JsonbCodec CODEC = JsonbCodec.create(false, 128);

  @AfterAll
  static void close() {
    CODEC.close();
  }

  @Test
  void argumentsByNameAreWrittenInTheirOrderWithNullsKept() {
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("text", "a\"\\\n\u0000é😀");
    arguments.put("nothing", null);
    arguments.put("absent", Optional.empty());
    arguments.put("bytes", new byte[] {0, 1, -1});
    arguments.put("buffer", ByteBuffer.wrap(new byte[] {9, 0, 1, -1, 9}, 1, 3));
    arguments.put("colour", Colour.RED);
    arguments.put("day", LocalDate.of(2026, 11, 21));
    arguments.put("matrix", new int[][] {{1, 2}, {}});
    arguments.put("price", new BigDecimal("1.10"));
    arguments.put("keys", Map.of(Colour.GREEN, List.of(true)));
    arguments.put("review", new Review("r", new BigDecimal("2.50"), 1, null, List.of()));

    String json = new String(CODEC.encode(arguments), StandardCharsets.UTF_8);

    assertThat(json)
        .isEqualTo(
            "{\"text\":\"a\\\"\\\\\\n\\u0000é😀\",\"nothing\":null,\"absent\":null,\"bytes\":\"AAH/\","
                + "\"buffer\":\"AAH/\",\"colour\":\"RED\",\"day\":\"2026-11-21\",\"matrix\":[[1,2],[]],"
                + "\"price\":1.10,\"keys\":{\"GREEN\":[true]},\"review\":{\"colour\":null,"
                + "\"price\":2.50,\"stars\":1,\"tags\":[],\"text\":\"r\"}}");
  }

  @Test
  void everyControlCharacterSurvivesTheWayThereAndBack() {
    String text =
        IntStream.range(0, 0x3000)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .append("😀\uffff")
            .toString();

    byte[] json = CODEC.encode(List.of(text));

    List<String> read = CODEC.decode(json, 0, json.length, VectorTypes.parse("List<String>"));
    assertThat(read).containsExactly(text);
  }

  @Test
  void aLongResultIsQuotedWithTwoHundredCharactersAtMost() {
    String text = "\"" + "😀".repeat(5000) + "\"";

    CodecException refused =
        catchThrowableOfType(CodecException.class, () -> decode(text, LocalDate.class));

    assertThat(refused)
        .hasMessageStartingWith("the result cannot be read as java.time.LocalDate: ")
        .hasMessageEndingWith("😀…");
    assertThat(refused.getMessage().substring(refused.getMessage().indexOf("; the result: ") + 14))
        .hasSizeLessThanOrEqualTo(200);
  }

  @Test
  void aFunctionWithoutResultIsReadAsNullWhateverItReturned() {
    assertThat(this.<Object>decode("{\"a\":1}", void.class)).isNull();
    assertThat(this.<Object>decode("{\"a\":1}", Void.class)).isNull();
  }

  @Test
  void untypedNumbersAreExact() {
    Map<String, Object> read =
        decode(
            "{\"a\":1.10,\"b\":1180591620717411303424}", VectorTypes.parse("Map<String,Object>"));

    assertThat(read)
        .containsEntry("a", new BigDecimal("1.10"))
        .containsEntry("b", new BigDecimal("1180591620717411303424"));
  }

  @Test
  void membersThatTheClassDoesNotKnowAreIgnored() {
    Review read = decode("{\"text\":\"a\",\"later\":{\"x\":[1]}}", Review.class);

    assertThat(read).isEqualTo(new Review("a", null, 0, null, null));
  }

  @Test
  void bracketsInsideTextsAreNoNesting() {
    List<Object> texts = List.of("[".repeat(500), "\\\"{", "{\"".repeat(200));

    byte[] json = CODEC.encode(texts);

    assertThat(CODEC.<Object>decode(json, 0, json.length, Object.class)).isEqualTo(texts);
  }

  @Test
  void theDeepestAllowedNestingPassesBothWays() {
    List<Object> deepest = VectorTypes.nestedLists(128);

    byte[] json = CODEC.encode(deepest);

    assertThat(CODEC.<Object>decode(json, 0, json.length, Object.class)).isEqualTo(deepest);
  }

  @Test
  void manyThreadsShareOneCodec() {
    Review review = new Review("a", new BigDecimal("1.10"), 3, Colour.RED, List.of("x"));

    List<Object> read =
        IntStream.range(0, 2000)
            .parallel()
            .mapToObj(
                i -> {
                  byte[] json = CODEC.encode(review);
                  return CODEC.<Object>decode(json, 0, json.length, Review.class);
                })
            .toList();

    assertThat(read).hasSize(2000).containsOnly(review);
  }

  @SuppressWarnings("TypeParameterUnusedInFormals")
  private <T> T decode(String text, java.lang.reflect.Type type) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return CODEC.decode(utf8, 0, utf8.length, type);
  }
}
