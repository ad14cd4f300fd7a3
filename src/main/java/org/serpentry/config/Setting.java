// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One key of the catalogue: its name, type, default, bound and meaning. Immutable.
 *
 * @param <T> the type of the checked value
 */
public final class Setting<T> {
  private final String key;
  private final ValueType<T> type;
  private final String defaultText;
  private final String bound;
  private final Predicate<T> check;
  private final String description;
  private final T defaultValue;

  Setting(
      String key,
      ValueType<T> type,
      String defaultText,
      String bound,
      Predicate<T> check,
      String description) {
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
      problems.add(problem(name, text.trim()));
      return defaultValue;
    }
    return check(name, value).map(problem -> refused(problem, problems)).orElse(value);
  }

  /** The problem with a value, or empty when it is within its bound. */
  Optional<String> check(String name, T value) {
    return check.test(value)
        ? Optional.empty()
        : Optional.of(problem(name, ValueTexts.text(value)));
  }

  private T refused(String problem, List<String> problems) {
    problems.add(problem);
    return defaultValue;
  }

  private String problem(String name, String value) {
    String accepted = bound.isEmpty() ? type.name() : type.name() + "; " + bound;
    return name + "=" + value + " is refused; accepted: " + accepted;
  }
}
