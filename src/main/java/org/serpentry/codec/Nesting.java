// SPDX-License-Identifier: Apache-2.0
package org.serpentry.codec;

/** Tells the depth of a JSON text from its bytes. */
final class Nesting {
  private Nesting() {}

  /** Whether a valid JSON text has more than {@code limit} levels of arrays and objects. */
  static boolean deeperThan(byte[] utf8, int offset, int length, int limit) {
    if (length <= limit) {
      return false;
    }
    int depth = 0;
    boolean inText = false;
    for (int i = offset, end = offset + length; i < end; i++) {
      switch (utf8[i]) {
        case '"' -> inText = !inText;
        case '\\' -> i++; // an escaped quote ends no text; escapes occur only inside texts
        case '[', '{' -> {
          if (!inText && ++depth > limit) {
            return true;
          }
        }
        case ']', '}' -> {
          if (!inText) {
            depth--;
          }
        }
        default -> {}
      }
    }
    return false;
  }
}
