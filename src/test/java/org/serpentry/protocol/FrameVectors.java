// SPDX-License-Identifier: Apache-2.0
package org.serpentry.protocol;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.serpentry.api.PythonType;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.spi.Codec;

/** The golden frames that the Python tests assert as well. */
public final class FrameVectors {

  /** The limit of frames whose vector names none. */
  public static final int LIMIT = 64 * 1024 * 1024;

  /** One frame: its fields, or what is wrong with it. */
  public record Vector(Map<String, Object> values) {
    public String name() {
      return (String) values.get("name");
    }

    public boolean malformed() {
      return values.containsKey("error");
    }

    public boolean incomplete() {
      return values.containsKey("incomplete");
    }

    public int number(String key) {
      return ((Number) values.get(key)).intValue();
    }

    public long requestId() {
      return Long.parseUnsignedLong((String) values.get("requestId"));
    }

    public byte[] bytes(String key) {
      return HexFormat.of().parseHex((String) values.get(key));
    }

    public int limit() {
      return values.containsKey("limit") ? number("limit") : LIMIT;
    }

    @Override
    public String toString() {
      return name();
    }
  }

  private FrameVectors() {}

  /** All of them. */
  public static List<Vector> all() {
    return of("frames.json");
  }

  /** Those of another file. */
  public static List<Vector> of(String file) {
    try (Codec codec = JsonbCodec.create(false, 32)) {
      byte[] json = Files.readAllBytes(Path.of("protocol/vectors", file));
      List<Map<String, Object>> vectors =
          codec.decode(json, 0, json.length, new PythonType<List<Map<String, Object>>>() {}.type());
      return vectors.stream().map(Vector::new).toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
