// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what someone probably meant, by the least number of edits (Levenshtein's distance). */
public final class NearestName {
  private NearestName() {}

  /** The nearest of the candidates; empty only when there are none. */
  public static Optional<String> of(String name, Collection<String> candidates) {
    return candidates.stream()
        .min(
            Comparator.comparingInt((String candidate) -> distance(name, candidate))
                .thenComparing(Comparator.naturalOrder()));
  }

  static int distance(String left, String right) {
    int[] row = new int[right.length() + 1];
    for (int column = 0; column <= right.length(); column++) {
      row[column] = column;
    }
    for (int i = 1; i <= left.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int column = 1; column <= right.length(); column++) {
        int replace = diagonal + (left.charAt(i - 1) == right.charAt(column - 1) ? 0 : 1);
        diagonal = row[column];
        row[column] = Math.min(replace, Math.min(row[column], row[column - 1]) + 1);
      }
    }
    return row[right.length()];
  }
}
