// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.serpentry.protocol.Table;

/**
 * Turns lists of flat records, or of maps with the same keys, into tables. Whatever is out of the
 * ordinary is left to the JSON, as a column or as a whole, so that both say the same. Immutable.
 */
final class ColumnWriter {

  private final Shapes shapes;
  private final ValueWriter writer;

  ColumnWriter(Shapes shapes, ValueWriter writer) {
    this.shapes = shapes;
    this.writer = writer;
  }

  /** The rows as a table, or null. */
  Table table(List<?> list) {
    Object[] rows = list.toArray();
    if (rows.length == 0 || rows[0] == null) {
      return null;
    }
    if (rows[0] instanceof Map<?, ?> first) {
      return ofMaps(rows, first);
    }
    return shapes.of(rows[0].getClass()) instanceof PlainRecord plain && plain.flat()
        ? ofRecords(rows, plain)
        : null;
  }

  private Table ofRecords(Object[] rows, PlainRecord plain) {
    Class<?> type = rows[0].getClass();
    for (Object row : rows) {
      if (row == null || row.getClass() != type) {
        return null;
      }
    }
    List<Table.Column> columns = new ArrayList<>();
    Object[] values = new Object[rows.length];
    for (PlainRecord.Member member : plain.sorted()) {
      try {
        for (int i = 0; i < rows.length; i++) {
          values[i] = (Object) member.accessor().invokeExact(rows[i]);
        }
      } catch (Throwable e) {
        return null; // the JSON's writer meets the same and reports it in its own way
      }
      columns.add(column(member.name(), values));
    }
    return new Table(rows.length, columns);
  }

  private Table ofMaps(Object[] rows, Map<?, ?> first) {
    if (first.isEmpty()) {
      return null;
    }
    for (Object row : rows) {
      if (!(row instanceof Map<?, ?> map) || map.size() != first.size()) {
        return null;
      }
    }
    List<Table.Column> columns = new ArrayList<>();
    Object[] values = new Object[rows.length];
    for (Object key : first.keySet()) {
      if (!(key instanceof String name)) {
        return null;
      }
      for (int i = 0; i < rows.length; i++) {
        Map<?, ?> row = (Map<?, ?>) rows[i];
        values[i] = row.get(name);
        if (values[i] == null && !row.containsKey(name)) {
          return null; // not the same keys
        }
      }
      columns.add(column(name, values));
    }
    return new Table(rows.length, columns);
  }

  private Table.Column column(String name, Object[] values) {
    int type = typeOf(values);
    if (type == Table.JSON) {
      byte[] json = writer.write(Arrays.asList(values)).getBytes(StandardCharsets.UTF_8);
      return new Table.Column(name, type, ByteBuffer.wrap(json), null);
    }
    int size = type == Table.BOOL ? 1 : Long.BYTES;
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(values.length, size)).order(ByteOrder.nativeOrder());
    byte[] missing = null;
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      if (value == null) {
        missing = missing == null ? new byte[values.length] : missing;
        missing[i] = 1;
      }
      if (type == Table.BOOL) {
        data.put((byte) (Boolean.TRUE.equals(value) ? 1 : 0));
      } else if (type == Table.FLOAT64) {
        data.putDouble(value == null ? 0 : (Double) value);
      } else {
        data.putLong(value == null ? 0 : ((Number) value).longValue());
      }
    }
    return new Table.Column(
        name, type, data.flip(), missing == null ? null : ByteBuffer.wrap(missing));
  }

  /** The type that all the values have; that of a column without any is the JSON's. */
  private static int typeOf(Object[] values) {
    int type = Table.JSON;
    for (Object value : values) {
      if (value != null) {
        int own = typeOf(value);
        if (own == Table.JSON || (type != Table.JSON && own != type)) {
          return Table.JSON;
        }
        type = own;
      }
    }
    return type;
  }

  private static int typeOf(Object value) {
    if (value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte) {
      return Table.INT64;
    }
    if (value instanceof Double number) {
      return Double.isFinite(number) ? Table.FLOAT64 : Table.JSON; // refused there, or a text
    }
    return value instanceof Boolean ? Table.BOOL : Table.JSON;
  }
}
