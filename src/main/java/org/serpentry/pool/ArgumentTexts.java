// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.reflect.Array;
import java.nio.Buffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.serpentry.telemetry.SafeText;

/** Tells of a call's arguments how large they are, and of their values only when asked. */
final class ArgumentTexts {

  private static final int MOST_ARGUMENTS = 50;
  private static final int LONGEST_VALUE = 200;

  /** What names say of secrets, as on the Python side. */
  private static final Pattern SECRET =
      Pattern.compile("key|token|secret|passw|credential", Pattern.CASE_INSENSITIVE);

  private ArgumentTexts() {}

  /**
   * A line for each argument: its name or place, its size, and on demand its value, cut short,
   * unless the name tells of a secret: a language model's key goes to workers as an argument.
   */
  static List<String> of(List<Object> positional, Map<String, Object> named, boolean values) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < positional.size(); i++) {
      add(lines, Integer.toString(i), positional.get(i), values);
    }
    named.forEach((name, value) -> add(lines, name, value, values));
    int all = positional.size() + named.size();
    if (all > MOST_ARGUMENTS) {
      lines.add("%d arguments more".formatted(all - MOST_ARGUMENTS));
    }
    return lines;
  }

  private static void add(List<String> lines, String name, Object value, boolean values) {
    if (lines.size() < MOST_ARGUMENTS) {
      lines.add(name + ": " + text(name, value, values));
    }
  }

  private static String text(String name, Object value, boolean values) {
    try {
      return size(value) + (values ? " = " + shortened(name, value) : "");
    } catch (RuntimeException | Error e) { // The caller's own types may throw anything.
      return "%s that cannot be described: %s"
          .formatted(value.getClass().getSimpleName(), e.getClass().getName());
    }
  }

  /** Calls nothing of the caller's own types but the sizes of collections and texts. */
  private static String size(Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof CharSequence text) {
      return "text of %d characters".formatted(text.length());
    }
    if (value instanceof Collection<?> items) {
      String kind = value instanceof List ? "list" : value instanceof Set ? "set" : "collection";
      return "%s of %d".formatted(kind, items.size());
    }
    if (value instanceof Map<?, ?> entries) {
      return "map of %d".formatted(entries.size());
    }
    if (value instanceof Buffer buffer) {
      return "buffer of %d".formatted(buffer.remaining());
    }
    if (value.getClass().isArray()) {
      return "%s of %d"
          .formatted(
              value.getClass().getComponentType().getSimpleName() + "[]", Array.getLength(value));
    }
    return value.getClass().getSimpleName();
  }

  /** Of values that have a text by themselves; any other's would be code of the caller's. */
  private static String shortened(String name, Object value) {
    if (SECRET.matcher(name).find()) {
      return "…";
    }
    boolean plain =
        value == null
            || value instanceof CharSequence
            || value instanceof Number
            || value instanceof Boolean
            || value instanceof Enum<?>
            || value instanceof Path
            || value instanceof java.util.UUID
            || value.getClass().getName().startsWith("java.time.");
    if (!plain) {
      return "…";
    }
    String text = String.valueOf(value);
    return SafeText.line(
        text.length() > LONGEST_VALUE ? text.substring(0, LONGEST_VALUE) + "…" : text);
  }
}
