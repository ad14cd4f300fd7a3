// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a guarded ratio may be. Immutable.
 *
 * <p>A file of bounds has for each ratio {@code <name>.most=<number>} or {@code
 * <name>.least=<number>}, and {@code <name>.reason=<text>}.
 *
 * @param most whether the value is the largest allowed one, else it is the smallest
 * @param value the bound itself
 * @param reason why it is what it is
 */
record Bound(boolean most, double value, String reason) {

  private static final String MOST = ".most";
  private static final String LEAST = ".least";
  private static final String REASON = ".reason";

  /** NaN, which a ratio without a baseline is, keeps no bound. */
  boolean isKeptBy(double ratio) {
    return most ? ratio <= value : ratio >= value;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s %.2f", most ? "at most" : "at least", value);
  }

  /**
   * Reads a file of bounds.
   *
   * @throws IllegalArgumentException when an entry is no bound, or a bound has no reason
   */
  static Map<String, Bound> read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    }
    Map<String, Bound> bounds = new TreeMap<>();
    for (String key : new TreeSet<>(properties.stringPropertyNames())) {
      if (key.endsWith(MOST) || key.endsWith(LEAST)) {
        boolean most = key.endsWith(MOST);
        String name = key.substring(0, key.lastIndexOf('.'));
        String reason = properties.getProperty(name + REASON, "");
        if (reason.isBlank()) {
          throw wrong(file, key, "has no reason; add " + name + REASON);
        }
        if (bounds.put(name, new Bound(most, number(file, key, properties), reason)) != null) {
          throw wrong(file, key, "is a second bound of " + name + "; drop one of them");
        }
      } else if (!key.endsWith(REASON)) {
        throw wrong(file, key, "is neither a bound nor a reason");
      }
    }
    return bounds;
  }

  private static double number(Path file, String key, Properties properties) {
    try {
      return Double.parseDouble(properties.getProperty(key));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          file + ": " + key + " must be a number, is '" + properties.getProperty(key) + "'", e);
    }
  }

  private static IllegalArgumentException wrong(Path file, String key, String what) {
    return new IllegalArgumentException(file + ": " + key + " " + what);
  }
}
