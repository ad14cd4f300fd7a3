// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import jakarta.json.bind.Jsonb;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.temporal.TemporalAccessor;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.serpentry.spi.CodecException;
import org.serpentry.spi.CodecException.Reason;

/**
 * Writes maps, collections, arrays and plain values as JSON text, with the records among them that
 * have a {@link Shape}, and leaves every other object to JSON-B. Immutable and thread-safe.
 */
final class ValueWriter {
  private static final String NAN_KEY =
      "JSON has no number for it (the pool's nan=allow sends it as a text)";

  private final Jsonb jsonb;
  private final Shapes shapes;
  private final boolean allowNan;
  private final int nesting;

  ValueWriter(Jsonb jsonb, Shapes shapes, boolean allowNan, int nesting) {
    this.jsonb = jsonb;
    this.shapes = shapes;
    this.allowNan = allowNan;
    this.nesting = nesting;
  }

  /**
   * The JSON of {@code value}; depth inside JSON-B's own objects is left to the caller to check.
   */
  String write(Object value) {
    StringBuilder out = new StringBuilder(128);
    append(out, value, nesting);
    return out.toString();
  }

  CodecException tooDeep(Object value) {
    return new CodecException(
        Reason.NESTING,
        value.getClass().getTypeName(),
        "the arguments have more than "
            + nesting
            + " levels of nesting (max-nesting) or a circular reference",
        null);
  }

  private void append(StringBuilder out, Object value, int room) {
    if (value == null) {
      out.append("null");
    } else if (value instanceof CharSequence || value instanceof Character) {
      quote(out, value.toString());
    } else if (value instanceof Integer number) {
      out.append(number.intValue()); // as a primitive, since an object becomes a text first
    } else if (value instanceof Long number) {
      out.append(number.longValue());
    } else if (value instanceof Boolean
        || value instanceof BigDecimal
        || value instanceof BigInteger
        || value instanceof Short
        || value instanceof Byte) {
      out.append(value);
    } else if (value instanceof Double number && Double.isFinite(number)) {
      out.append(number.doubleValue());
    } else if (value instanceof Double number) {
      appendFloating(out, number, false);
    } else if (value instanceof Float number) {
      appendFloating(out, number, Float.isFinite(number));
    } else if (value instanceof Map<?, ?> map) {
      appendMap(out, map, room);
    } else if (value instanceof Iterable<?> items && value instanceof java.util.Collection) {
      appendItems(out, items, room);
    } else if (value instanceof Enum<?> constant) {
      quote(out, constant.name());
    } else {
      appendOther(out, value, room);
    }
  }

  private void appendOther(StringBuilder out, Object value, int room) {
    if (value instanceof byte[] bytes) {
      out.append('"').append(Base64.getEncoder().encodeToString(bytes)).append('"');
    } else if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      out.append('"').append(Base64.getEncoder().encodeToString(bytes)).append('"');
    } else if (value instanceof Optional<?> optional) {
      append(out, optional.orElse(null), room);
    } else if (value.getClass().isArray()) {
      appendArray(out, value, room);
    } else if (!(value instanceof Record) || !appendRecord(out, value, room)) {
      appendObject(out, value);
    }
  }

  private boolean appendRecord(StringBuilder out, Object value, int room) {
    int before = out.length();
    if (shapes.of(value.getClass()) instanceof PlainRecord plain
        && PlainWriter.append(out, value, plain, room)) {
      return true;
    }
    out.setLength(before);
    return false;
  }

  private void appendFloating(StringBuilder out, Number number, boolean finite) {
    if (finite) {
      out.append(number);
    } else if (allowNan) {
      out.append('"').append(number).append('"');
    } else {
      throw new CodecException(
          Reason.NOT_FINITE,
          number.getClass().getTypeName(),
          "the arguments hold " + number + ": " + NAN_KEY,
          null);
    }
  }

  private void appendMap(StringBuilder out, Map<?, ?> map, int room) {
    if (room <= 0) {
      throw tooDeep(map);
    }
    char separator = '{';
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator);
      quote(out, key(entry.getKey()));
      out.append(':');
      append(out, entry.getValue(), room - 1);
      separator = ',';
    }
    out.append(separator == '{' ? "{}" : "}");
  }

  private void appendItems(StringBuilder out, Iterable<?> items, int room) {
    if (room <= 0) {
      throw tooDeep(items);
    }
    char separator = '[';
    for (Object item : items) {
      out.append(separator);
      append(out, item, room - 1);
      separator = ',';
    }
    out.append(separator == '[' ? "[]" : "]");
  }

  private void appendArray(StringBuilder out, Object array, int room) {
    if (room <= 0) {
      throw tooDeep(array);
    }
    out.append('[');
    for (int i = 0, length = Array.getLength(array); i < length; i++) {
      if (i > 0) {
        out.append(',');
      }
      append(out, Array.get(array, i), room - 1);
    }
    out.append(']');
  }

  private void appendObject(StringBuilder out, Object value) {
    try {
      String json = jsonb.toJson(value);
      for (int i = 0; i < json.length(); i++) {
        if (Character.isSurrogate(json.charAt(i))) {
          i = afterPair(json, i);
        }
      }
      out.append(json);
    } catch (CodecException refused) {
      throw refused;
    } catch (RuntimeException refused) {
      throw describe(value, refused);
    } catch (StackOverflowError circular) {
      throw tooDeep(value);
    }
  }

  private static CodecException describe(Object value, RuntimeException refused) {
    Throwable root = refused;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String type = value.getClass().getTypeName();
    if (root instanceof NumberFormatException) { // how JSON-P refuses NaN and the infinities
      return new CodecException(
          Reason.NOT_FINITE,
          type,
          "a number in " + type + " is not finite: " + NAN_KEY + ": " + refused.getMessage(),
          refused);
    }
    return new CodecException(
        Reason.UNSUPPORTED,
        type,
        "an argument of type " + type + " cannot be written as JSON: " + root.getMessage(),
        refused);
  }

  private static String key(Object key) {
    if (key instanceof String text) {
      return text;
    }
    if (key instanceof Enum<?> constant) {
      return constant.name();
    }
    if (key instanceof CharSequence
        || key instanceof Number
        || key instanceof Boolean
        || key instanceof Character
        || key instanceof UUID
        || key instanceof TemporalAccessor) {
      return key.toString();
    }
    String type = key == null ? "null" : key.getClass().getTypeName();
    throw new CodecException(
        Reason.UNSUPPORTED, type, "a map in the arguments has a key of type " + type, null);
  }

  static void quote(StringBuilder out, String text) {
    out.append('"');
    int done = 0;
    for (int i = 0, length = text.length(); i < length; i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c != '"' && c != '\\') {
        if (Character.isSurrogate(c)) {
          i = afterPair(text, i);
        }
        continue;
      }
      out.append(text, done, i);
      done = i + 1;
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          out.append("\\u00").append(Character.forDigit(c >> 4, 16));
          out.append(Character.forDigit(c & 15, 16));
        }
      }
    }
    out.append(text, done, text.length()).append('"');
  }

  /** The index of a surrogate pair's second half; UTF-8 has no bytes for half a pair. */
  private static int afterPair(String text, int i) {
    if (Character.isHighSurrogate(text.charAt(i))
        && i + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(i + 1))) {
      return i + 1;
    }
    throw new CodecException(
        Reason.UNSUPPORTED,
        "java.lang.String",
        String.format(
            "a text in the arguments holds a lone surrogate (U+%04X)", (int) text.charAt(i)),
        null);
  }
}
