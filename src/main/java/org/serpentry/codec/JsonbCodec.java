// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbConfig;
import jakarta.json.bind.JsonbException;
import jakarta.json.bind.config.BinaryDataStrategy;
import jakarta.json.spi.JsonProvider;
import jakarta.json.stream.JsonParsingException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.serpentry.attachment.TableCodec;
import org.serpentry.protocol.Table;
import org.serpentry.spi.Codec;
import org.serpentry.spi.CodecException;
import org.serpentry.spi.CodecException.Reason;

/**
 * The codec over the server's JSON-B. Arguments are mostly maps and lists of plain values: those
 * are written by {@link ValueWriter} itself, and JSON-B writes the records and classes among them.
 * Plain records (see {@link Shape}) are written and read without it, to the same JSON; whatever is
 * out of the ordinary in one of their values is left to JSON-B all the same.
 *
 * <p>JSON-B is used through its String methods, since its streams allocate four times as much.
 */
public final class JsonbCodec implements Codec, TableCodec {
  private static final int EXCERPT = 200;

  private final Jsonb jsonb;
  private final Shapes shapes = new Shapes();
  private final ValueWriter writer;
  private final ColumnWriter columns;
  private final int nesting;

  private JsonbCodec(boolean allowNan, int nesting) {
    if (nesting < 1) {
      throw new IllegalArgumentException("nesting must be at least 1, was " + nesting);
    }
    JsonbConfig config =
        new JsonbConfig().withNullValues(true).withBinaryDataStrategy(BinaryDataStrategy.BASE_64);
    this.jsonb =
        JsonbBuilder.newBuilder()
            .withConfig(config)
            .withProvider(new ExactProvider(JsonProvider.provider(), allowNan))
            .build();
    this.writer = new ValueWriter(jsonb, shapes, allowNan, nesting);
    this.columns = new ColumnWriter(shapes, writer);
    this.nesting = nesting;
  }

  /**
   * A codec.
   *
   * @param allowNan whether NaN and the infinities may pass, as the texts {@code NaN}, {@code
   *     Infinity} and {@code -Infinity}
   * @param nesting the most levels of arrays and objects, both ways, at least 1
   * @return a codec of its own JSON-B context, to be closed with the pool
   */
  public static JsonbCodec create(boolean allowNan, int nesting) {
    return new JsonbCodec(allowNan, nesting);
  }

  @Override
  public byte[] encode(Object value) {
    byte[] utf8 = writer.write(value).getBytes(StandardCharsets.UTF_8);
    if (Nesting.deeperThan(utf8, 0, utf8.length, nesting)) {
      throw writer.tooDeep(value);
    }
    return utf8;
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  public <T> T decode(byte[] utf8, int offset, int length, Type type) {
    if (type == void.class || type == Void.class) {
      return null;
    }
    Shape shape = shapes.of(type);
    if (shape != null) {
      Object value = PlainReader.read(utf8, offset, length, shape, nesting);
      if (value != PlainReader.GIVEN_UP) {
        return (T) value;
      }
    }
    if (Nesting.deeperThan(utf8, offset, length, nesting)) {
      throw new CodecException(
          Reason.NESTING,
          type.getTypeName(),
          "the result has more than " + nesting + " levels of nesting (max-nesting)",
          null);
    }
    String text = new String(utf8, offset, length, StandardCharsets.UTF_8);
    try {
      Object value = jsonb.fromJson(text, type);
      if (value == null && type instanceof Class<?> kind && kind.isPrimitive()) {
        throw mismatch(type, text, "null is no " + kind, null);
      }
      return (T) value;
    } catch (CodecException refused) {
      throw refused;
    } catch (RuntimeException refused) {
      throw describe(type, text, refused);
    }
  }

  @Override
  public Table table(List<?> rows) {
    return columns.table(rows);
  }

  @Override
  public boolean readsTables(Type type) {
    return rowsOf(type) != null;
  }

  private PlainRecord rowsOf(Type type) {
    return shapes.of(type) instanceof Shape.Items list
            && list.item() instanceof PlainRecord plain
            && plain.flat()
        ? plain
        : null;
  }

  @Override
  public Object rows(Table table, Type type) {
    Object rows = ColumnReader.read(table, rowsOf(type), nesting);
    if (rows != PlainReader.GIVEN_UP) {
      return rows;
    }
    byte[] json = ColumnText.json(table);
    return decode(json, 0, json.length, type);
  }

  @Override
  public void close() {
    try {
      jsonb.close();
    } catch (Exception failed) {
      throw new IllegalStateException("JSON-B could not be closed", failed);
    }
  }

  private static CodecException describe(Type type, String text, RuntimeException refused) {
    Throwable root = refused;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    if (root instanceof JsonParsingException) {
      return new CodecException(
          Reason.MALFORMED,
          type.getTypeName(),
          "the result is not JSON: " + root.getMessage() + ": " + excerpt(text),
          refused);
    }
    // JSON-B's outer message names the property, its inner one the reason
    String outer = refused instanceof JsonbException ? String.valueOf(refused.getMessage()) : "";
    String inner = root == refused ? "" : String.valueOf(root.getMessage());
    String why = outer.contains(inner) ? outer : outer.isEmpty() ? inner : outer + ": " + inner;
    return mismatch(type, text, why.isEmpty() ? root.toString() : why, refused);
  }

  private static CodecException mismatch(Type type, String text, String why, Throwable cause) {
    return new CodecException(
        Reason.MISMATCH,
        type.getTypeName(),
        "the result cannot be read as "
            + type.getTypeName()
            + ": "
            + why
            + "; the result: "
            + excerpt(text),
        cause);
  }

  private static String excerpt(String text) {
    if (text.length() <= EXCERPT) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(EXCERPT - 2)) ? EXCERPT - 2 : EXCERPT - 1;
    return text.substring(0, end) + "…";
  }
}
