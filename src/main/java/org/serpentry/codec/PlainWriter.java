// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import java.util.List;

/** Writes what has a {@link Shape}, as JSON-B would. Stateless. */
final class PlainWriter {

  private PlainWriter() {}

  /**
   * Appends a record.
   *
   * @param out gets the JSON; keeps what has been written of it when there is no telling how
   * @param value the record, of that shape's class
   * @param shape its shape
   * @param room how many levels of arrays and objects may follow
   * @return false when a value in it is none of its shape's kind: JSON-B then decides
   */
  static boolean append(StringBuilder out, Object value, PlainRecord shape, int room) {
    if (room <= 0) {
      return false;
    }
    boolean first = true;
    for (PlainRecord.Member member : shape.sorted()) {
      Object part;
      try {
        part = (Object) member.accessor().invokeExact(value);
      } catch (Throwable e) {
        return false; // JSON-B meets the same and reports it in its own way
      }
      if (first) {
        out.append('{').append(member.opening(), 1, member.opening().length());
        first = false;
      } else {
        out.append(member.opening());
      }
      if (!appendPart(out, part, member.shape(), room - 1)) {
        return false;
      }
    }
    out.append('}');
    return true;
  }

  private static boolean appendPart(StringBuilder out, Object value, Shape shape, int room) {
    if (value == null) {
      out.append("null");
    } else if (shape instanceof Shape.Scalar) {
      return appendScalar(out, value);
    } else if (shape instanceof PlainRecord plain) {
      return append(out, value, plain, room);
    } else {
      return appendItems(out, (List<?>) value, ((Shape.Items) shape).item(), room);
    }
    return true;
  }

  private static boolean appendScalar(StringBuilder out, Object value) {
    if (value instanceof String text) {
      ValueWriter.quote(out, text);
    } else if (value instanceof Integer number) {
      out.append(number.intValue());
    } else if (value instanceof Double number) {
      if (!Double.isFinite(number)) {
        return false;
      }
      out.append(number.doubleValue());
    } else if (value instanceof Long number) {
      out.append(number.longValue());
    } else if (value instanceof Boolean truth) {
      out.append(truth.booleanValue());
    } else {
      return false; // unchecked casts let anything into a list
    }
    return true;
  }

  private static boolean appendItems(StringBuilder out, List<?> items, Shape item, int room) {
    if (room <= 0) {
      return false;
    }
    char separator = '[';
    for (Object value : items) {
      out.append(separator);
      if (!appendItem(out, value, item, room - 1)) {
        return false;
      }
      separator = ',';
    }
    out.append(separator == '[' ? "[]" : "]");
    return true;
  }

  private static boolean appendItem(StringBuilder out, Object value, Shape shape, int room) {
    boolean fits =
        value == null
            || (value instanceof Record == shape instanceof PlainRecord
                && value instanceof List == shape instanceof Shape.Items);
    if (!fits) {
      return false;
    }
    return appendPart(out, value, shape, room);
  }
}
