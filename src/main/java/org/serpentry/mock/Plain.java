// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import org.serpentry.attachment.BinaryValue;

/** Compares what a test expects with what JSON left of an argument. */
final class Plain {

  private Plain() {}

  /** Whether both are the same value: numbers by their amount, enums and the like by their text. */
  static boolean same(Object expected, Object actual) {
    if (expected instanceof Number && actual instanceof Number) {
      return amount(expected).equals(amount(actual));
    }
    BinaryValue bytes = BinaryValue.of(actual);
    if (bytes != null) {
      return bytes.sameAs(BinaryValue.of(expected));
    }
    if (expected instanceof Map<?, ?> one && actual instanceof Map<?, ?> other) {
      return one.size() == other.size()
          && one.entrySet().stream()
              .allMatch(
                  e ->
                      other.containsKey(String.valueOf(e.getKey()))
                          && same(e.getValue(), other.get(String.valueOf(e.getKey()))));
    }
    if (expected instanceof Collection<?> one && actual instanceof Collection<?> other) {
      return sameElements(one, other);
    }
    if (expected instanceof Object[] one && actual instanceof Collection<?> other) {
      return sameElements(Arrays.asList(one), other);
    }
    if (actual instanceof String text && !(expected instanceof Number) && expected != null) {
      return expected.toString().equals(text);
    }
    return Objects.deepEquals(expected, actual);
  }

  private static boolean sameElements(Collection<?> one, Collection<?> other) {
    if (one.size() != other.size()) {
      return false;
    }
    Iterator<?> next = other.iterator();
    return one.stream().allMatch(element -> same(element, next.next()));
  }

  // NaN and infinities have no decimal form.
  private static Object amount(Object number) {
    try {
      BigDecimal exact = new BigDecimal(number.toString()).stripTrailingZeros();
      return exact.signum() == 0 ? BigDecimal.ZERO : exact;
    } catch (NumberFormatException e) {
      return number.toString();
    }
  }
}
