// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.serpentry.api.PythonType;
import org.serpentry.codec.JsonbCodec;

/** The golden vectors of {@code protocol/vectors/fields.json}, as Python asserts them too. */
@Tag("core-pool")
@Tag("layer-1")
class SegmentFieldsTest {

  private static Stream<Map<String, Object>> all() throws IOException {
    try (JsonbCodec codec = JsonbCodec.create(false, 32)) {
      byte[] json = Files.readAllBytes(Path.of("protocol/vectors/fields.json"));
      List<Map<String, Object>> vectors =
          codec.decode(json, 0, json.length, new PythonType<List<Map<String, Object>>>() {}.type());
      return vectors.stream();
    }
  }

  private static Stream<Map<String, Object>> good() throws IOException {
    return all().filter(v -> !v.containsKey("error"));
  }

  private static Stream<Map<String, Object>> malformed() throws IOException {
    return all().filter(v -> v.containsKey("error"));
  }

  private static byte[] bytes(Map<String, Object> vector) {
    return HexFormat.of().parseHex((String) vector.get("hex"));
  }

  private static long number(Object value) {
    return ((Number) value).longValue();
  }

  private static List<Integer> numbers(Map<String, Object> vector, String name) {
    return ((List<?>) vector.get(name)).stream().map(n -> (int) number(n)).toList();
  }

  private static List<SegmentFields.Announced> segments(Map<String, Object> vector) {
    return ((List<?>) vector.get("segments"))
        .stream()
            .map(each -> (Map<?, ?>) each)
            .map(
                s ->
                    new SegmentFields.Announced(
                        (int) number(s.get("number")),
                        number(s.get("size")),
                        (String) s.get("name")))
            .toList();
  }

  private static List<SegmentFields.Parameter> parameters(Map<String, Object> vector) {
    return ((List<?>) vector.get("parameters"))
        .stream()
            .map(each -> (Map<?, ?>) each)
            .map(
                p ->
                    new SegmentFields.Parameter(
                        (int) number(p.get("position")), (String) p.get("name")))
            .toList();
  }

  private static Object read(int tag, byte[] value) throws MalformedFrameException {
    ByteBuffer in = ByteBuffer.wrap(value);
    return switch (tag) {
      case HeaderFields.SEGMENTS -> SegmentFields.segments(in);
      case HeaderFields.KEPT -> SegmentFields.kept(in);
      case HeaderFields.DROPPED -> SegmentFields.numbers(in);
      case HeaderFields.FRAMES -> SegmentFields.frames(in);
      default -> throw new IllegalArgumentException("tag " + tag);
    };
  }

  @ParameterizedTest
  @MethodSource("good")
  void goldenFieldsAreWrittenAndRead(Map<String, Object> vector) throws MalformedFrameException {
    byte[] bytes = bytes(vector);
    int tag = (int) number(vector.get("tag"));
    switch (tag) {
      case HeaderFields.RESULT_ROOM ->
          assertThat(
                  SegmentFields.room(
                      (int) number(vector.get("forms")),
                      number(vector.get("grant")),
                      numbers(vector, "released")))
              .isEqualTo(bytes);
      case HeaderFields.SEGMENTS -> {
        assertThat(SegmentFields.segments(segments(vector))).isEqualTo(bytes);
        assertThat(read(tag, bytes)).isEqualTo(segments(vector));
      }
      case HeaderFields.KEPT ->
          assertThat(read(tag, bytes))
              .isEqualTo(new SegmentFields.Kept(numbers(vector, "kept"), numbers(vector, "gone")));
      case HeaderFields.DROPPED -> {
        assertThat(SegmentFields.numbers(numbers(vector, "numbers"))).isEqualTo(bytes);
        assertThat(read(tag, bytes)).isEqualTo(numbers(vector, "numbers"));
      }
      default -> assertThat(read(tag, bytes)).isEqualTo(parameters(vector));
    }
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformedGoldenFieldsAreRefused(Map<String, Object> vector) {
    assertThatExceptionOfType(MalformedFrameException.class)
        .isThrownBy(() -> read((int) number(vector.get("tag")), bytes(vector)));
  }
}
