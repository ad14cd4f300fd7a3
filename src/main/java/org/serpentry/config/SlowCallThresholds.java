// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * From which run on a call counts as slow: {@code slow-call-threshold}, and what {@code
 * slow-call-thresholds} says of single functions. Immutable.
 */
public final class SlowCallThresholds {
  private static final Pattern FUNCTIONS = Pattern.compile("[\\p{L}\\p{N}_.:*]+");

  /** What {@link #nanos} says of functions whose calls are never slow. */
  public static final long NEVER = Long.MAX_VALUE;

  private final List<Rule> rules = new ArrayList<>();
  private final long others;
  private final long least;

  private record Rule(Pattern functions, long nanos) {}

  /**
   * Reads the settings' values.
   *
   * @param others a checked value of {@link LifeConfig#slowCallThreshold()}
   * @param entries a checked value of {@link LifeConfig#slowCallThresholds()}
   */
  public SlowCallThresholds(Duration others, List<String> entries) {
    this.others = nanos(others);
    long shortest = this.others;
    for (String entry : entries) {
      int equals = entry.indexOf('=');
      String functions = Pattern.quote(entry.substring(0, equals)).replace("*", "\\E.*\\Q");
      long nanos = nanos(ValueTexts.duration(entry.substring(equals + 1)));
      rules.add(new Rule(Pattern.compile(functions), nanos));
      shortest = Math.min(shortest, nanos);
    }
    this.least = shortest;
  }

  static boolean accepts(List<String> entries) {
    for (String entry : entries) {
      int equals = entry.indexOf('=');
      if (equals < 1 || !FUNCTIONS.matcher(entry.substring(0, equals)).matches()) {
        return false;
      }
      try {
        if (ValueTexts.duration(entry.substring(equals + 1)).isNegative()) {
          return false;
        }
      } catch (RuntimeException e) {
        return false; // Whoever set it is told what is accepted.
      }
    }
    return true;
  }

  private static long nanos(Duration duration) {
    if (duration.isZero()) {
      return NEVER;
    }
    return duration.compareTo(Duration.ofDays(36_500)) < 0 ? duration.toNanos() : NEVER;
  }

  /**
   * The threshold of a function: of the first rule that fits it, else the pool's.
   *
   * @param target {@code module:function}
   * @return nanoseconds, or {@link #NEVER}
   */
  public long nanos(String target) {
    for (Rule rule : rules) {
      if (rule.functions().matcher(target).matches()) {
        return rule.nanos();
      }
    }
    return others;
  }

  /**
   * The shortest of all.
   *
   * @return nanoseconds; {@link #NEVER} when no call is ever slow
   */
  public long least() {
    return least;
  }
}
