// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.plots;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * Maps values to pixels, evenly or by their logarithm.
 *
 * @param low the smallest value
 * @param high the largest
 * @param logarithmic whether equal factors have equal lengths
 * @param from the pixel of the smallest
 * @param to the pixel of the largest
 */
record Axis(double low, double high, boolean logarithmic, double from, double to) {

  /** An axis from zero to a round number above all values. */
  static Axis even(double largest, double from, double to) {
    double step = step(largest);
    return new Axis(0, Math.ceil(largest / step) * step, false, from, to);
  }

  /** An axis between powers of ten around all values, which must be above zero. */
  static Axis decades(double smallest, double largest, double from, double to) {
    double low = Math.pow(10, Math.floor(Math.log10(smallest)));
    double high = Math.pow(10, Math.ceil(Math.log10(largest)));
    return new Axis(low, high > low ? high : low * 10, true, from, to);
  }

  /** An axis that ends at the very values. */
  static Axis exact(double smallest, double largest, double from, double to) {
    return new Axis(smallest, largest, true, from, to);
  }

  double at(double value) {
    double part =
        logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return from + part * (to - from);
  }

  /** The values that are worth a mark. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (logarithmic) {
      for (double tick = low; tick <= high * 1.0001; tick *= 10) {
        ticks.add(tick);
      }
    } else {
      double step = step(high);
      for (int i = 0; i * step <= high * 1.0001; i++) {
        ticks.add(i * step);
      }
    }
    return ticks;
  }

  /** About five steps, each 1, 2 or 5 of a power of ten. */
  private static double step(double largest) {
    double rough = largest / 5;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    for (double factor : new double[] {1, 2, 5}) {
      if (rough <= factor * power * 1.0001) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** Microseconds in the unit that suits them. */
  static final DoubleFunction<String> MICROS =
      micros ->
          micros < 1_000
              ? number(micros) + " µs"
              : micros < 1e6 ? number(micros / 1e3) + " ms" : number(micros / 1e6) + " s";

  /** A number of bytes. */
  static final DoubleFunction<String> BYTES =
      bytes ->
          bytes < 1 << 10
              ? number(bytes) + " B"
              : bytes < 1 << 20
                  ? number(bytes / (1 << 10)) + " KiB"
                  : number(bytes / (1 << 20)) + " MiB";

  /** How many, in thousands where that is shorter. */
  static final DoubleFunction<String> COUNT =
      count -> count < 10_000 ? number(count) : number(count / 1e3) + "k";

  private static String number(double value) {
    String text =
        String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
  }
}
