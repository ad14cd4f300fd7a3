// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * One key of the catalogue: its name, type, default, bound and meaning. Immutable.
 *
 * @param <T> the type of the checked value
 */
public final class Setting<T> {
  private final String section;
  private final String key;
  private final ValueType<T> type;
  private final String defaultText;
  private final String bound;
  private final Predicate<T> check;
  private final String description;
  private final T defaultValue;

  Setting(
      String section,
      String key,
      ValueType<T> type,
      String defaultText,
      String bound,
      Predicate<T> check,
      String description) {
    this.section = section;
    this.key = Objects.requireNonNull(key);
    this.type = type;
    this.defaultText = defaultText;
    this.bound = bound;
    this.check = check;
    this.description = description;
    this.defaultValue = type.parser().apply(defaultText);
    if (!check.test(defaultValue)) {
      throw new IllegalStateException("the default of " + key + " breaks its own bound");
    }
  }

  /** Title of the group of settings that it belongs to. */
  public String section() {
    return section;
  }

  /** The key, without the prefix of the application or of a pool. */
  public String key() {
    return key;
  }

  /** The type and its syntax, for people. */
  public String type() {
    return type.name();
  }

  /** The default as text; empty when there is none. */
  public String defaultText() {
    return defaultText;
  }

  /** What values are accepted, for people; empty when the type says it all. */
  public String bound() {
    return bound;
  }

  /** What the setting does, its unit, and what zero means. */
  public String description() {
    return description;
  }

  /** Whether it is true or false. */
  public boolean isFlag() {
    return type.equals(ValueType.BOOLEAN);
  }

  T defaultValue() {
    return defaultValue;
  }

  /** Parses and checks; a problem is added to the list and the default is used in its stead. */
  T read(String name, String text, List<String> problems) {
    T value;
    try {
      value = type.parser().apply(text.trim());
    } catch (RuntimeException unreadable) {
      // The parser's own words differ from type to type; what is accepted helps more.
      problems.add(problem(name, shown(text.trim())));
      return defaultValue;
    }
    if (!check.test(value)) {
      problems.add(problem(name, shown(text.trim())));
      return defaultValue;
    }
    return value;
  }

  private String text(T value) {
    return value instanceof Integer number && type.equals(ValueType.OCTAL)
        ? "0" + Integer.toOctalString(number)
        : ValueTexts.text(value);
  }

  /** The value in a map that was filled with values of each setting's own type, or the default. */
  @SuppressWarnings("unchecked")
  T in(Map<Setting<?>, Object> values) {
    Object value = values.get(this);
    return value == null ? defaultValue : (T) value;
  }

  /** The same as a user would write it. */
  String textIn(Map<Setting<?>, Object> values) {
    return text(in(values));
  }

  /** Adds a problem when the value in the map is out of bounds. */
  void checkIn(Map<Setting<?>, Object> values, String prefix, List<String> problems) {
    T value = in(values);
    if (!check.test(value)) {
      problems.add(problem(prefix + key, text(value)));
    }
  }

  private String shown(String text) {
    return type.equals(ValueType.SECRET) ? Secret.of(text).toString() : text;
  }

  private String problem(String name, String value) {
    String accepted = bound.isEmpty() ? type.name() : type.name() + "; " + bound;
    return name + "=" + value + " is refused; accepted: " + accepted;
  }
}
