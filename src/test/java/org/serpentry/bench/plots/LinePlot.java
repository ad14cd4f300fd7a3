// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.plots;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.DoubleFunction;
import org.serpentry.bench.plots.Svg.Anchor;

/** Lines over an axis of powers of two. */
final class LinePlot {

  private static final int WIDTH = 860;
  private static final int HEIGHT = 460;
  private static final int LEFT = 90;
  private static final int RIGHT = 650;
  private static final int TOP = 50;
  private static final int BOTTOM = 400;

  private final String title;
  private final String across;
  private final String up;
  private final DoubleFunction<String> acrossText;
  private final DoubleFunction<String> upText;
  private final boolean logarithmic;
  private final List<Series> series = new ArrayList<>();

  /** One line. */
  private record Series(
      String name, int colour, boolean dashed, SortedMap<Double, Double> points) {}

  LinePlot(
      String title,
      String across,
      DoubleFunction<String> acrossText,
      String up,
      DoubleFunction<String> upText,
      boolean logarithmic) {
    this.title = title;
    this.across = across;
    this.acrossText = acrossText;
    this.up = up;
    this.upText = upText;
    this.logarithmic = logarithmic;
  }

  /** Adds a line; one without points is left out. */
  void add(String name, int colour, boolean dashed, SortedMap<Double, Double> points) {
    if (!points.isEmpty()) {
      series.add(new Series(name, colour, dashed, points));
    }
  }

  boolean isEmpty() {
    return series.isEmpty();
  }

  String draw() {
    Svg svg = new Svg(WIDTH, HEIGHT, title);
    svg.heading(LEFT, 28, title);
    List<Double> xs =
        series.stream().flatMap(s -> s.points.keySet().stream()).distinct().sorted().toList();
    List<Double> ys = series.stream().flatMap(s -> s.points.values().stream()).sorted().toList();
    Axis x = Axis.exact(xs.get(0), xs.get(xs.size() - 1), LEFT, RIGHT);
    double highest = ys.get(ys.size() - 1);
    Axis y =
        logarithmic
            ? Axis.decades(ys.get(0), highest, BOTTOM, TOP)
            : Axis.even(highest, BOTTOM, TOP);
    for (double tick : y.ticks()) {
      svg.line(LEFT, y.at(tick), RIGHT, y.at(tick), Svg.FAINT);
      svg.text(LEFT - 8, y.at(tick) + 4, Anchor.END, upText.apply(tick));
    }
    for (double tick : xs) {
      svg.line(x.at(tick), BOTTOM, x.at(tick), BOTTOM + 5, Svg.INK);
      svg.text(x.at(tick), BOTTOM + 20, Anchor.MIDDLE, acrossText.apply(tick));
    }
    svg.line(LEFT, BOTTOM, RIGHT, BOTTOM, Svg.INK);
    svg.line(LEFT, TOP, LEFT, BOTTOM, Svg.INK);
    svg.text((LEFT + RIGHT) / 2.0, BOTTOM + 44, Anchor.MIDDLE, across);
    svg.upwards(22, (TOP + BOTTOM) / 2.0, up);
    for (int i = 0; i < series.size(); i++) {
      Series one = series.get(i);
      String colour = Svg.colour(one.colour);
      List<Double> path = new ArrayList<>();
      one.points.forEach((key, value) -> path.addAll(List.of(x.at(key), y.at(value))));
      svg.path(path, colour, one.dashed);
      for (int at = 0; at < path.size(); at += 2) {
        svg.dot(path.get(at), path.get(at + 1), colour);
      }
      double row = TOP + 10 + i * 20.0;
      svg.path(List.of(RIGHT + 16.0, row, RIGHT + 46.0, row), colour, one.dashed);
      svg.text(RIGHT + 52, row + 4, Anchor.START, one.name);
    }
    return svg.done();
  }
}
