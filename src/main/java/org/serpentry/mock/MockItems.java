// SPDX-License-Identifier: Apache-2.0
package org.serpentry.mock;

import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.Stream;

/** What a function of a script yields to those who ask for a stream. Stateless. */
public final class MockItems {

  private MockItems() {}

  /**
   * The items of an answer, one by one.
   *
   * @param answer an {@code Iterable}, an {@code Iterator}, a {@code Stream} or an array of
   *     objects; what its iterator throws, Python raises in mid-stream
   * @return the items, or null when it is none of these
   */
  public static Iterator<?> of(Object answer) {
    if (answer instanceof Iterable<?> items) {
      return items.iterator();
    }
    if (answer instanceof Iterator<?> items) {
      return items;
    }
    if (answer instanceof Stream<?> items) {
      return items.iterator();
    }
    return answer instanceof Object[] items ? Arrays.asList(items).iterator() : null;
  }

  /**
   * What is wrong with an answer that {@link #of} knows no items of.
   *
   * @param target {@code module:function}
   * @param answer the answer
   * @return a sentence
   */
  public static String refusal(String target, Object answer) {
    return "a stream was asked for, but the script answers %s with %s: have it answer with a list"
        .formatted(target, answer == null ? "null" : answer.getClass().getName());
  }
}
