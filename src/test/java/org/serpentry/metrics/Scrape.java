// SPDX-License-Identifier: Apache-2.0
package org.serpentry.metrics;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What was scraped, from Prometheus's text format. */
final class Scrape {
  private static final Pattern LINE = Pattern.compile("([a-z_]+)(\\{[^}]*\\})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

  private final Map<String, Double> values = new TreeMap<>();
  private final Set<String> names = new TreeSet<>();
  private final Set<String> labels = new TreeSet<>();

  Scrape(String text) {
    for (String line : text.split("\n", -1)) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      Matcher parts = LINE.matcher(line);
      if (!parts.matches()) {
        throw new IllegalArgumentException("not a line of Prometheus's text format: " + line);
      }
      names.add(parts.group(1));
      Map<String, String> sorted = new TreeMap<>();
      Matcher label = LABEL.matcher(parts.group(2) == null ? "" : parts.group(2));
      while (label.find()) {
        sorted.put(label.group(1), label.group(2));
      }
      labels.addAll(sorted.keySet());
      values.put(
          parts.group(1) + sorted, Double.valueOf(parts.group(3).replace("+Inf", "Infinity")));
    }
  }

  /** The names of all series. */
  Set<String> names() {
    return names;
  }

  /** The names of all their labels. */
  Set<String> labels() {
    return labels;
  }

  /** All values by name and sorted labels, as in {@code name{a=b, c=d}}. */
  Map<String, Double> values() {
    return values;
  }

  /**
   * One value.
   *
   * @param series name and sorted labels, as in {@code name{a=b, c=d}}
   */
  double value(String series) {
    Double value = values.get(series);
    if (value == null) {
      throw new AssertionError("no series " + series + " in " + values.keySet());
    }
    return value;
  }
}
