// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.plots;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import org.serpentry.bench.plots.Svg.Anchor;

/** Groups of bars from left to right, their lengths by the logarithm, each with its value. */
final class BarPlot {

  private static final int WIDTH = 860;
  private static final int LEFT = 190;
  private static final int RIGHT = 760;
  private static final int TOP = 70;
  private static final int BAR = 15;
  private static final int GAP = 12;

  private final String title;
  private final List<String> series;
  private final DoubleFunction<String> text;
  private final Map<String, double[]> groups = new LinkedHashMap<>();

  /** An empty plot; NaN stands for a bar that is not there. */
  BarPlot(String title, List<String> series, DoubleFunction<String> text) {
    this.title = title;
    this.series = series;
    this.text = text;
  }

  void add(String name, double... values) {
    groups.put(name, values);
  }

  boolean isEmpty() {
    return groups.isEmpty();
  }

  String draw() {
    int group = series.size() * BAR + GAP;
    int bottom = TOP + groups.size() * group;
    Svg svg = new Svg(WIDTH, bottom + 40, title);
    svg.heading(16, 28, title);
    double smallest = values().min().orElseThrow();
    Axis x = Axis.decades(smallest, values().max().orElseThrow(), LEFT, RIGHT);
    for (double tick : x.ticks()) {
      svg.line(x.at(tick), TOP - 6, x.at(tick), bottom, Svg.FAINT);
      svg.text(x.at(tick), bottom + 18, Anchor.MIDDLE, text.apply(tick));
    }
    if (series.size() > 1) {
      for (int i = 0; i < series.size(); i++) {
        svg.rect(LEFT + i * 190.0, 42, 12, 12, Svg.colour(i));
        svg.text(LEFT + i * 190.0 + 18, 53, Anchor.START, series.get(i));
      }
    }
    double y = TOP;
    for (Map.Entry<String, double[]> entry : groups.entrySet()) {
      svg.text(LEFT - 8, y + series.size() * BAR / 2.0 + 4, Anchor.END, entry.getKey());
      for (int i = 0; i < entry.getValue().length; i++) {
        double value = entry.getValue()[i];
        if (value > 0) {
          svg.rect(LEFT, y + i * BAR, x.at(value) - LEFT, BAR - 2, Svg.colour(i));
          svg.text(x.at(value) + 5, y + i * BAR + 11, Anchor.START, text.apply(value));
        }
      }
      y += group;
    }
    svg.line(LEFT, TOP - 6, LEFT, bottom, Svg.INK);
    return svg.done();
  }

  private DoubleStream values() {
    return groups.values().stream().flatMapToDouble(Arrays::stream).filter(v -> v > 0);
  }
}
