// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.serpentry.attachment.BinaryResult;

/**
 * Makes up values that can be taken for nothing else: texts say that they are mock, numbers are 0,
 * lists are empty. The values are what JSON would hold, ready for a codec. Immutable.
 */
final class Inventor {

  /** The key that marks a made-up object whose members nobody named. */
  static final String MARK = "mock";

  private static final int DEEPEST = 8;

  private Inventor() {}

  /** A value for a type, of which a text says what it stands for. */
  static Object invent(Type type, String target) {
    return invent(type, "mock answer of " + target, 0);
  }

  private static Object invent(Type type, String text, int depth) {
    if (type == Object.class || type == Map.class || raw(type) == Map.class) {
      Map<String, Object> marked = new LinkedHashMap<>();
      marked.put(MARK, true);
      marked.put("text", text);
      return type == Object.class || !(type instanceof ParameterizedType p) || takesAll(p)
          ? marked
          : Map.of();
    }
    Class<?> wanted = raw(type);
    if (wanted == null || depth > DEEPEST || Optional.class == wanted) {
      return null;
    }
    if (wanted == String.class || wanted == CharSequence.class) {
      return text;
    }
    if (wanted == boolean.class || wanted == Boolean.class) {
      return false;
    }
    if (wanted == char.class || wanted == Character.class) {
      return "?";
    }
    if (wanted.isPrimitive() || Number.class.isAssignableFrom(wanted)) {
      return BigDecimal.ZERO;
    }
    if (BinaryResult.isBinaryOnly(wanted)) {
      return new byte[0];
    }
    if (wanted.isArray() || Collection.class.isAssignableFrom(wanted)) {
      return wanted == byte[].class ? "" : List.of();
    }
    if (wanted.isEnum()) {
      return ((Enum<?>) wanted.getEnumConstants()[0]).name();
    }
    return wanted.isRecord() ? ofRecord(wanted, text, depth) : ofOther(wanted);
  }

  private static boolean takesAll(ParameterizedType map) {
    return map.getActualTypeArguments()[1] == Object.class;
  }

  private static Class<?> raw(Type type) {
    return type instanceof Class<?> plain
        ? plain
        : type instanceof ParameterizedType generic ? (Class<?>) generic.getRawType() : null;
  }

  private static Object ofRecord(Class<?> wanted, String text, int depth) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (RecordComponent component : wanted.getRecordComponents()) {
      members.put(component.getName(), invent(component.getGenericType(), text, depth + 1));
    }
    return members;
  }

  private static Object ofOther(Class<?> wanted) {
    if (wanted == Instant.class || wanted == OffsetDateTime.class) {
      return "1970-01-01T00:00:00Z";
    }
    if (wanted == LocalDateTime.class) {
      return "1970-01-01T00:00:00";
    }
    if (wanted == LocalDate.class) {
      return "1970-01-01";
    }
    if (wanted == UUID.class) {
      return new UUID(0, 0).toString();
    }
    return wanted.isInterface() || Modifier.isAbstract(wanted.getModifiers()) ? null : Map.of();
  }
}
