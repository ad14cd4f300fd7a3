// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.plots;

import java.util.List;
import java.util.Locale;

/** A picture in the making, on white. Lengths are in pixels from the upper left corner. */
final class Svg {

  static final String INK = "#222222";
  static final String FAINT = "#d9d9d9";

  /** Told apart by people who see few colours, too. */
  private static final List<String> COLOURS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f");

  private final StringBuilder out = new StringBuilder();

  Svg(int width, int height, String title) {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
            + " font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\">",
        width, height, width, height);
    add("<title>%s</title>", escaped(title));
    add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", width, height);
  }

  static String colour(int index) {
    return COLOURS.get(index % COLOURS.size());
  }

  void line(double x1, double y1, double x2, double y2, String colour) {
    add(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>",
        x1, y1, x2, y2, colour);
  }

  void rect(double x, double y, double width, double height, String colour) {
    add(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>",
        x, y, width, height, colour);
  }

  void dot(double x, double y, String colour) {
    add("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>", x, y, colour);
  }

  /** A line through points, as x and y in turn. */
  void path(List<Double> points, String colour, boolean dashed) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < points.size(); i += 2) {
      text.append(
          String.format(
              Locale.ROOT, i == 0 ? "%.1f,%.1f" : " %.1f,%.1f", points.get(i), points.get(i + 1)));
    }
    add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>",
        text, colour, dashed ? " stroke-dasharray=\"6 4\"" : "");
  }

  /** Text that starts, has its middle, or ends at a point. */
  void text(double x, double y, Anchor anchor, String text) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>",
        x, y, anchor.name().toLowerCase(Locale.ROOT), INK, escaped(text));
  }

  void heading(double x, double y, String text) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\" font-size=\"16\" font-weight=\"bold\">%s</text>",
        x, y, INK, escaped(text));
  }

  /** Text that reads upwards, its middle at a point. */
  void upwards(double x, double y, String text) {
    add(
        "<text transform=\"translate(%.1f %.1f) rotate(-90)\" text-anchor=\"middle\""
            + " fill=\"%s\">%s</text>",
        x, y, INK, escaped(text));
  }

  /** The whole file. */
  String done() {
    return out + "</svg>\n";
  }

  private void add(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** Where a text's point is. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }
}
