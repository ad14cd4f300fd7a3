// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads what has a {@link Shape} from the JSON of a worker, which has no blanks between its parts.
 * It knows nothing but the straight case: whatever else it meets, a missing or unknown member, an
 * escape, a number that does not fit, a constructor that throws, it gives up, and JSON-B has the
 * last word. For one value and one thread.
 */
final class PlainReader {

  /** What {@link #read} answers when it has given up. */
  static final Object GIVEN_UP = new Object();

  private static final int SURELY_LONG = 18;

  /** Longer mantissas and more decimals than these are not exact in a double. */
  private static final int EXACT_DIGITS = 15;

  private static final double[] POWERS = powers();

  private final byte[] json;
  private final int end;
  private int at;

  private PlainReader(byte[] json, int offset, int length) {
    this.json = json;
    this.at = offset;
    this.end = offset + length;
  }

  /**
   * Reads a value.
   *
   * @param json UTF-8
   * @param offset where the value starts
   * @param length its length
   * @param shape its shape
   * @param room how many levels of arrays and objects it may have
   * @return the value, or {@link #GIVEN_UP}
   */
  static Object read(byte[] json, int offset, int length, Shape shape, int room) {
    PlainReader reader = new PlainReader(json, offset, length);
    Object value = reader.value(shape, room);
    return reader.at == reader.end && value != null ? value : GIVEN_UP;
  }

  private Object value(Shape shape, int room) {
    if (at >= end) {
      return GIVEN_UP;
    }
    if (json[at] == 'n') {
      boolean nullable = !(shape instanceof Shape.Scalar scalar) || scalar.nullable();
      return nullable && literal("null") ? null : GIVEN_UP;
    }
    if (shape instanceof Shape.Scalar scalar) {
      return switch (scalar) {
        case TEXT -> text();
        case INT, BOXED_INT -> integer(Integer.MIN_VALUE, Integer.MAX_VALUE, true);
        case LONG, BOXED_LONG -> integer(Long.MIN_VALUE, Long.MAX_VALUE, false);
        case DOUBLE, BOXED_DOUBLE -> floating();
        case BOOLEAN, BOXED_BOOLEAN -> truth();
      };
    }
    if (room <= 0) {
      return GIVEN_UP;
    }
    return shape instanceof PlainRecord plain
        ? structure(plain, room - 1)
        : items(((Shape.Items) shape).item(), room - 1);
  }

  private boolean literal(String word) {
    int length = word.length();
    if (end - at < length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (json[at + i] != word.charAt(i)) {
        return false;
      }
    }
    at += length;
    return true;
  }

  private boolean next(char expected) {
    if (at < end && json[at] == expected) {
      at++;
      return true;
    }
    return false;
  }

  private Object truth() {
    if (literal("true")) {
      return true;
    }
    return literal("false") ? (Object) false : GIVEN_UP;
  }

  private Object text() {
    if (!next('"')) {
      return GIVEN_UP;
    }
    int start = at;
    boolean ascii = true;
    for (int i = start; i < end; i++) {
      byte b = json[i];
      if (b == '"') {
        at = i + 1;
        return new String(
            json, start, i - start, ascii ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
      }
      if (b < 0) {
        ascii = false;
      } else if (b == '\\' || b < ' ') {
        return GIVEN_UP;
      }
    }
    return GIVEN_UP;
  }

  private Object integer(long least, long most, boolean narrow) {
    boolean negative = next('-');
    int start = at;
    long value = 0;
    while (at < end && isDigit(json[at]) && at - start <= SURELY_LONG) {
      value = value * 10 + (json[at] - '0');
      at++;
    }
    int digits = at - start;
    if (digits == 0
        || digits > SURELY_LONG
        || (digits > 1 && json[start] == '0')
        || (negative && value == 0)) {
      return GIVEN_UP;
    }
    if (negative) {
      value = -value;
    }
    if (value < least || value > most) {
      return GIVEN_UP;
    }
    // A fraction or an exponent that follows is no separator, so that whoever reads on gives up.
    return narrow ? (Object) Integer.valueOf((int) value) : (Object) Long.valueOf(value);
  }

  private static double[] powers() {
    double[] powers = new double[EXACT_DIGITS + 1];
    powers[0] = 1;
    for (int i = 1; i < powers.length; i++) {
      powers[i] = powers[i - 1] * 10; // exact up to 22
    }
    return powers;
  }

  private Object floating() {
    int start = at;
    boolean negative = next('-');
    int whole = at;
    if (!digits() || (at - whole > 1 && json[whole] == '0')) {
      return GIVEN_UP;
    }
    int point = at;
    if (next('.') && !digits()) {
      return GIVEN_UP;
    }
    if (at - whole <= EXACT_DIGITS && (at == end || (json[at] | 0x20) != 'e')) {
      return exact(whole, point, negative);
    }
    if (next('e') || next('E')) {
      if (!next('+')) {
        next('-');
      }
      if (!digits()) {
        return GIVEN_UP;
      }
    }
    double value =
        Double.parseDouble(new String(json, start, at - start, StandardCharsets.ISO_8859_1));
    return Double.isInfinite(value) ? GIVEN_UP : (Object) value;
  }

  /** Both parts of the quotient are exact, so that it is rounded once, as the right one is. */
  private Object exact(int whole, int point, boolean negative) {
    long mantissa = 0;
    for (int i = whole; i < at; i++) {
      if (i != point) {
        mantissa = mantissa * 10 + (json[i] - '0');
      }
    }
    double value = mantissa / POWERS[Math.max(0, at - point - 1)];
    return negative ? -value : value;
  }

  private boolean digits() {
    int start = at;
    while (at < end && isDigit(json[at])) {
      at++;
    }
    return at > start;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private Object structure(PlainRecord shape, int room) {
    PlainRecord.Member[] members = shape.declared();
    Object[] values = new Object[members.length];
    long seen = 0;
    if (!next('{')) {
      return GIVEN_UP;
    }
    for (int i = 0; i < members.length; i++) {
      if (i > 0 && !next(',')) {
        return GIVEN_UP;
      }
      int found = member(members, i);
      if (found < 0 || (seen & 1L << found) != 0) {
        return GIVEN_UP;
      }
      seen |= 1L << found;
      values[found] = value(members[found].shape(), room);
      if (values[found] == GIVEN_UP) {
        return GIVEN_UP;
      }
    }
    if (!next('}')) {
      return GIVEN_UP;
    }
    try {
      return shape.create(values);
    } catch (VirtualMachineError e) {
      throw e;
    } catch (Throwable e) {
      return GIVEN_UP; // JSON-B meets the same and reports it in its own way
    }
  }

  /** Mostly they come in the order of their declaration. */
  private int member(PlainRecord.Member[] members, int likely) {
    if (isNext(members[likely].key())) {
      return likely;
    }
    for (int i = 0; i < members.length; i++) {
      if (isNext(members[i].key())) {
        return i;
      }
    }
    return -1;
  }

  private boolean isNext(byte[] key) {
    int to = at + key.length;
    if (to > end || !Arrays.equals(json, at, to, key, 0, key.length)) {
      return false;
    }
    at = to;
    return true;
  }

  private Object items(Shape item, int room) {
    if (!next('[')) {
      return GIVEN_UP;
    }
    List<Object> items = new ArrayList<>();
    if (next(']')) {
      return items;
    }
    do {
      Object value = value(item, room);
      if (value == GIVEN_UP) {
        return GIVEN_UP;
      }
      items.add(value);
    } while (next(','));
    return next(']') ? items : GIVEN_UP;
  }
}
