// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * The figures of one entry, by name. Immutable.
 *
 * @param values {@code p50Micros}, {@code p99Micros} and what else the entry has
 */
public record Figures(Map<String, Object> values) {

  /**
   * To be added to.
   *
   * @return no figures
   */
  public static Figures none() {
    return new Figures(Map.of());
  }

  /**
   * An entry that cannot be measured here.
   *
   * @param reason why not
   * @return the reason in place of figures
   */
  public static Figures unavailable(String reason) {
    return new Figures(Map.of("unavailable", reason));
  }

  /**
   * What a histogram of nanoseconds says.
   *
   * @param nanos the histogram
   * @return its percentiles in microseconds
   */
  public static Figures of(Histogram nanos) {
    return none()
        .with("p50Micros", nanos.getValueAtPercentile(50) / 1e3)
        .with("p99Micros", nanos.getValueAtPercentile(99) / 1e3)
        .with("p999Micros", nanos.getValueAtPercentile(99.9) / 1e3)
        .with("maxMicros", nanos.getMaxValue() / 1e3);
  }

  /**
   * The same with one more figure.
   *
   * @param name the figure's name
   * @param value the figure
   * @return the new figures
   */
  public Figures with(String name, double value) {
    Map<String, Object> more = new LinkedHashMap<>(values);
    more.put(name, Math.round(value * 1000) / 1000.0);
    return new Figures(more);
  }

  /**
   * The same with figures of another kind of measurement.
   *
   * @param prefix goes before their names
   * @param others those figures
   * @return the new figures
   */
  public Figures with(String prefix, Figures others) {
    Map<String, Object> more = new LinkedHashMap<>(values);
    others.values.forEach(
        (name, value) ->
            more.put(prefix + Character.toUpperCase(name.charAt(0)) + name.substring(1), value));
    return new Figures(more);
  }

  /**
   * One of them.
   *
   * @param name its name
   * @return the figure
   */
  public double get(String name) {
    return ((Number) values.get(name)).doubleValue();
  }
}
