// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.serpentry.protocol.Table;
import org.serpentry.spi.CodecException;
import org.serpentry.spi.CodecException.Reason;

/** Writes a table as the JSON that says the same: an array of objects. Stateless. */
final class ColumnText {

  private ColumnText() {}

  /** The JSON of a table. */
  static byte[] json(Table table) {
    List<String> keys = new ArrayList<>();
    List<IntFunction<String>> columns = new ArrayList<>();
    for (Table.Column column : table.columns()) {
      StringBuilder key = new StringBuilder(keys.isEmpty() ? "{" : ",");
      ValueWriter.quote(key, column.name());
      keys.add(key.append(':').toString());
      columns.add(values(column, table.rows()));
    }
    StringBuilder out = new StringBuilder("[");
    for (int row = 0; row < table.rows(); row++) {
      if (row > 0) {
        out.append(',');
      }
      for (int i = 0; i < keys.size(); i++) {
        out.append(keys.get(i)).append(columns.get(i).apply(row));
      }
      out.append(keys.isEmpty() ? "{}" : "}");
    }
    return out.append(']').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static IntFunction<String> values(Table.Column column, int rows) {
    ByteBuffer data = column.data().duplicate().order(ByteOrder.nativeOrder());
    if (column.type() == Table.JSON) {
      List<String> items = items(StandardCharsets.UTF_8.decode(data).toString());
      if (items.size() != rows) {
        throw new CodecException(
            Reason.MALFORMED,
            column.name(),
            "column '%s' has %d values for %d rows".formatted(column.name(), items.size(), rows),
            null);
      }
      return items::get;
    }
    Numbers.Longs longs = Numbers.longs(column.type(), data);
    IntFunction<Object> doubles = Numbers.doubles(column.type(), data);
    IntFunction<String> present;
    if (column.type() == Table.BOOL) {
      present = row -> data.get(row) == 0 ? "false" : "true";
    } else if (longs != null) {
      present = row -> Long.toString(longs.at(row));
    } else if (doubles != null) {
      present = row -> doubles.apply(row).toString();
    } else {
      throw new CodecException(
          Reason.UNSUPPORTED,
          column.name(),
          "column '%s' has numbers of the type %d".formatted(column.name(), column.type()),
          null);
    }
    ByteBuffer missing = column.missing();
    return missing == null ? present : row -> missing.get(row) == 0 ? present.apply(row) : "null";
  }

  /** The items of a JSON array, which a codec has written, as they stand there. */
  private static List<String> items(String array) {
    List<String> items = new ArrayList<>();
    int depth = 0;
    int start = 1;
    for (int i = 0; i < array.length(); i++) {
      char c = array.charAt(i);
      if (c == '"') {
        i = closingQuote(array, i);
      } else if (c == '[' || c == '{') {
        depth++;
      } else if (((c == ']' || c == '}') && --depth == 0) || (c == ',' && depth == 1)) {
        if (i > start) {
          items.add(array.substring(start, i));
        }
        start = i + 1;
      }
    }
    return items;
  }

  private static int closingQuote(String text, int from) {
    int i = from + 1;
    while (i < text.length() && text.charAt(i) != '"') {
      i += text.charAt(i) == '\\' ? 2 : 1;
    }
    return i;
  }
}
