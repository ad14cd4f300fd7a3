// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The texts of durations, sizes, lists and booleans. Every method refuses what it cannot read. */
final class ValueTexts {
  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");
  private static final Pattern BYTES = Pattern.compile("(\\d+)\\s*([kmgt]i?b|b)?");

  private ValueTexts() {}

  /**
   * ISO-8601, or a whole number with a unit; a bare {@code 0} is zero, other bare numbers lack a
   * unit.
   */
  static Duration duration(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Matcher matcher = DURATION.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return Duration.parse(text);
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  /** Bytes, with a decimal (kB, MB, GB, TB) or binary (KiB, MiB, GiB, TiB) unit, in any case. */
  static long bytes(String text) {
    Matcher matcher = BYTES.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a size");
    }
    long amount = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2);
    if (unit == null || unit.equals("b")) {
      return amount;
    }
    long base = unit.endsWith("ib") ? 1024 : 1000;
    for (int power = "kmgt".indexOf(unit.charAt(0)) + 1; power > 0; power--) {
      amount = Math.multiplyExact(amount, base);
    }
    return amount;
  }

  static boolean bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  /**
   * Items separated by commas, trimmed; empty items vanish. A backslash keeps a comma in an item.
   */
  static List<String> list(String text) {
    return Arrays.stream(text.split("(?<!\\\\),"))
        .map(item -> item.replace("\\,", ",").trim())
        .filter(item -> !item.isEmpty())
        .toList();
  }

  static String enumText(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A value as a user would write it. */
  static String text(Object value) {
    if (value instanceof Enum<?> constant) {
      return enumText(constant);
    }
    if (value instanceof Optional<?> optional) {
      return optional.map(ValueTexts::text).orElse("");
    }
    if (value instanceof List<?> items) {
      return items.stream().map(ValueTexts::text).collect(Collectors.joining(","));
    }
    return value instanceof Duration duration ? durationText(duration) : String.valueOf(value);
  }

  private static String durationText(Duration duration) {
    long millis = duration.toMillis();
    if (!duration.equals(Duration.ofMillis(millis))) {
      return duration.toString();
    }
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }
}
