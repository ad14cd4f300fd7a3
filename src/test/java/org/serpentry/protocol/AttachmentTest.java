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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.serpentry.api.PythonType;
import org.serpentry.codec.JsonbCodec;

/** The golden vectors of {@code protocol/vectors/attachments.json}, as Python asserts them too. */
@Tag("core-pool")
@Tag("layer-1")
class AttachmentTest {

  private static List<Map<String, Object>> all() throws IOException {
    try (JsonbCodec codec = JsonbCodec.create(false, 32)) {
      byte[] json = Files.readAllBytes(Path.of("protocol/vectors/attachments.json"));
      return codec.decode(
          json, 0, json.length, new PythonType<List<Map<String, Object>>>() {}.type());
    }
  }

  private static Stream<Map<String, Object>> good() throws IOException {
    return all().stream().filter(v -> v.containsKey("entries"));
  }

  private static Stream<Map<String, Object>> malformed() throws IOException {
    return all().stream().filter(v -> v.containsKey("error"));
  }

  private static byte[] bytes(Map<String, Object> vector) {
    return HexFormat.of().parseHex((String) vector.get("fieldHex"));
  }

  private static long number(Object value) {
    return ((Number) value).longValue();
  }

  private static Attachment entry(Map<?, ?> values) {
    return new Attachment(
        (int) number(values.get("kind")),
        (int) number(values.get("type")),
        (Boolean) values.get("foreignOrder"),
        ((List<?>) values.get("shape")).stream().mapToInt(d -> (int) number(d)).toArray(),
        (int) number(values.get("position")),
        (String) values.get("name"),
        (int) number(values.get("segment")),
        number(values.get("offset")),
        number(values.get("length")));
  }

  @ParameterizedTest
  @MethodSource("good")
  void writesTheGoldenFields(Map<String, Object> vector) {
    List<Attachment> entries =
        ((List<?>) vector.get("entries")).stream().map(e -> entry((Map<?, ?>) e)).toList();
    byte[] field = Attachment.field((int) number(vector.get("jsonLength")), entries);
    assertThat(field).isEqualTo(bytes(vector));
  }

  @ParameterizedTest
  @MethodSource("good")
  void readsTheGoldenFields(Map<String, Object> vector) throws MalformedFrameException {
    Attachment.Field field = Attachment.read(ByteBuffer.wrap(bytes(vector)));
    assertThat(field.jsonLength()).isEqualTo((int) number(vector.get("jsonLength")));
    assertThat(Attachment.field(field.jsonLength(), field.entries())).isEqualTo(bytes(vector));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void refusesMalformedFields(Map<String, Object> vector) {
    assertThatExceptionOfType(MalformedFrameException.class)
        .isThrownBy(() -> Attachment.read(ByteBuffer.wrap(bytes(vector))));
  }

  @Test
  void fieldsOfAHeaderAreFoundByTheirTags() throws MalformedFrameException {
    HeaderFields fields = new HeaderFields();
    fields.put(HeaderFields.ATTACHMENTS, new byte[] {1, 2});
    fields.put(HeaderFields.KEPT, new byte[0]);
    Map<Integer, ByteBuffer> read = HeaderFields.read(fields.toByteArray());
    assertThat(read).containsOnlyKeys(HeaderFields.ATTACHMENTS, HeaderFields.KEPT);
    assertThat(read.get(HeaderFields.ATTACHMENTS)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
    assertThatExceptionOfType(MalformedFrameException.class)
        .isThrownBy(() -> HeaderFields.read(new byte[] {3, 0, 5, 1}));
  }
}
