// SPDX-License-Identifier: Apache-2.0
package org.serpentry.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rows as text in columns, each as wide as its widest cell. */
final class Table {
  private Table() {}

  /** The named columns of rows; a row without a value has an empty cell. */
  static String of(List<String> columns, List<? extends Map<String, ?>> rows) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(columns.stream().map(Table::heading).toList());
    for (Map<String, ?> row : rows) {
      lines.add(columns.stream().map(column -> cell(row.get(column))).toList());
    }
    int[] widths = new int[columns.size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder out = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        text.append(line.get(i)).append(" ".repeat(widths[i] - line.get(i).length() + 2));
      }
      out.append(text.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }

  /** {@code WorkersReady} as {@code WORKERS READY}. */
  private static String heading(String column) {
    return column.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toUpperCase(java.util.Locale.ROOT);
  }

  /** Without what could forge a line or drive a terminal. */
  static String cell(Object value) {
    return value == null ? "" : printable(value.toString().replace('\n', ' '));
  }

  /** Text in which only line ends and tabs are left of what is not printed. */
  static String printable(String text) {
    return text.codePoints()
        .map(c -> c == '\n' || c == '\t' || !Character.isISOControl(c) ? c : '?')
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
