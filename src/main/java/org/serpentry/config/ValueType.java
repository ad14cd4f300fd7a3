// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How the text of a setting becomes a value.
 *
 * @param name the name shown in the documentation, with an example of the syntax
 * @param parser turns a trimmed text into a value; throws an unchecked exception when it cannot
 */
record ValueType<T>(String name, Function<String, T> parser) {
  static final ValueType<Integer> INTEGER = new ValueType<>("integer", Integer::valueOf);
  static final ValueType<Long> LONG = new ValueType<>("integer", Long::valueOf);
  static final ValueType<Integer> OCTAL =
      new ValueType<>("octal number, as in 077", text -> Integer.parseInt(text, 8));
  static final ValueType<WorkerCount> COUNT =
      new ValueType<>("number, as in 4, cores, 2xcores or size+2", WorkerCount::parse);
  static final ValueType<Duration> DURATION =
      new ValueType<>("duration, as in 500ms, 30s or PT30S", ValueTexts::duration);
  static final ValueType<Long> BYTES =
      new ValueType<>("size, as in 64MiB, 512MB or 1048576 (bytes)", ValueTexts::bytes);
  static final ValueType<Boolean> BOOLEAN = new ValueType<>("true or false", ValueTexts::bool);
  static final ValueType<Optional<Double>> NUMBER =
      new ValueType<>(
          "number, as in 0.7",
          text -> text.isEmpty() ? Optional.empty() : Optional.of(Double.valueOf(text)));
  static final ValueType<Secret> SECRET = new ValueType<>("text, shown nowhere", Secret::of);
  static final ValueType<String> TEXT = new ValueType<>("text", Function.identity());
  static final ValueType<Optional<Path>> PATH =
      new ValueType<>("path; ~/ is the home directory", ValueType::path);
  static final ValueType<List<String>> TEXTS =
      new ValueType<>("list, separated by commas", ValueTexts::list);
  static final ValueType<List<Duration>> DURATIONS =
      new ValueType<>(
          "list of durations, separated by commas",
          text -> ValueTexts.list(text).stream().map(ValueTexts::duration).toList());
  static final ValueType<List<Path>> PATHS =
      new ValueType<>(
          "list of paths, separated by commas",
          text -> ValueTexts.list(text).stream().flatMap(item -> path(item).stream()).toList());

  /** A constant of an enum, written in lower case with dashes. */
  static <E extends Enum<E>> ValueType<E> oneOf(Class<E> type) {
    String names =
        Arrays.stream(type.getEnumConstants())
            .map(ValueTexts::enumText)
            .collect(Collectors.joining(", "));
    return new ValueType<>(
        "one of " + names,
        text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_')));
  }

  private static Optional<Path> path(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (text.startsWith("~/")) {
      return Optional.of(Path.of(System.getProperty("user.home"), text.substring(2)));
    }
    return Optional.of(Path.of(text));
  }
}
