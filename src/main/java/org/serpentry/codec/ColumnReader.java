// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.serpentry.protocol.Table;

/**
 * Reads tables as lists of flat records. As {@link PlainReader} it knows the straight case only and
 * gives up otherwise; {@link ColumnText} then says the same as JSON. For one table and one thread.
 */
final class ColumnReader {

  private static final Object GIVEN_UP = PlainReader.GIVEN_UP;

  private final Table table;
  private final int nesting;

  private ColumnReader(Table table, int nesting) {
    this.table = table;
    this.nesting = nesting;
  }

  /** The rows, or {@link PlainReader#GIVEN_UP}. */
  static Object read(Table table, PlainRecord shape, int nesting) {
    return new ColumnReader(table, nesting).rows(shape);
  }

  private Object rows(PlainRecord shape) {
    Map<String, Table.Column> byName = new HashMap<>();
    table.columns().forEach(column -> byName.put(column.name(), column));
    PlainRecord.Member[] members = shape.declared();
    if (byName.size() != members.length) {
      return GIVEN_UP;
    }
    List<IntFunction<Object>> columns = new ArrayList<>();
    for (PlainRecord.Member member : members) {
      Table.Column column = byName.get(member.name());
      IntFunction<Object> values =
          column == null ? null : values(column, (Shape.Scalar) member.shape());
      if (values == null) {
        return GIVEN_UP;
      }
      columns.add(values);
    }
    List<Object> rows = new ArrayList<>(table.rows());
    for (int row = 0; row < table.rows(); row++) {
      Object[] values = new Object[members.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = columns.get(i).apply(row);
        if (values[i] == GIVEN_UP) {
          return GIVEN_UP;
        }
      }
      try {
        rows.add(shape.create(values));
      } catch (VirtualMachineError e) {
        throw e;
      } catch (Throwable e) {
        return GIVEN_UP; // JSON-B meets the same and reports it in its own way
      }
    }
    return rows;
  }

  /** What gives a column's value in a row, or null when it does not fit at all. */
  private IntFunction<Object> values(Table.Column column, Shape.Scalar shape) {
    if (column.type() == Table.JSON) {
      return items(column, shape);
    }
    if (column.missing() != null && !shape.nullable()) {
      return null;
    }
    ByteBuffer data = column.data().duplicate().order(ByteOrder.nativeOrder());
    ByteBuffer missing = column.missing();
    IntFunction<Object> present = present(column.type(), data, shape);
    return missing == null || present == null
        ? present
        : row -> missing.get(row) == 0 ? present.apply(row) : null;
  }

  private IntFunction<Object> items(Table.Column column, Shape.Scalar shape) {
    byte[] json = new byte[column.data().remaining()];
    column.data().duplicate().get(json);
    return PlainReader.read(json, 0, json.length, new Shape.Items(shape), nesting)
                instanceof List<?> list
            && list.size() == table.rows()
        ? list::get
        : null;
  }

  private static IntFunction<Object> present(int type, ByteBuffer data, Shape.Scalar shape) {
    return switch (shape) {
      case TEXT -> null;
      case BOOLEAN, BOXED_BOOLEAN -> type == Table.BOOL ? row -> data.get(row) != 0 : null;
      case DOUBLE, BOXED_DOUBLE -> Numbers.doubles(type, data);
      case INT, BOXED_INT -> {
        Numbers.Longs longs = Numbers.longs(type, data);
        yield longs == null
            ? null
            : row -> {
              long value = longs.at(row);
              return value == (int) value ? (Object) (int) value : GIVEN_UP;
            };
      }
      case LONG, BOXED_LONG -> {
        Numbers.Longs longs = Numbers.longs(type, data);
        yield longs == null ? null : row -> longs.at(row);
      }
    };
  }
}
