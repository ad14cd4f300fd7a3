// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Bytes that say whose they are: each repeats the token of its call. */
final class Contents {

  /** What Python says of bytes that are another call's. */
  static final String FOREIGN = "foreign content";

  /** Size from which they go through shared memory. */
  static final long THRESHOLD = 16 * 1024;

  /** Little enough to be used up now and then. */
  static final long BUDGET = 6 << 20;

  private static final int[] SIZES = {0, 100, 5_000, 16_383, 16_384, 40_000, 200_000, 600_000};

  private Contents() {}

  /** A size under or over the threshold. */
  static int size(SplittableRandom random) {
    return SIZES[random.nextInt(SIZES.length)];
  }

  /** So many bytes that repeat a text. */
  static byte[] of(String text, int size) {
    byte[] unit = (text + "|").getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = unit[i % unit.length];
    }
    return bytes;
  }

  /** The token when the bytes are the right ones, otherwise what came. */
  static Object token(String token, int size, byte[] came) {
    byte[] expected = of(new StringBuilder(token).reverse().toString(), size);
    int same = Arrays.mismatch(came, expected);
    if (same < 0) {
      return token;
    }
    int shown = Math.min(came.length - same, 60);
    String other = new String(came, same, shown, StandardCharsets.ISO_8859_1);
    return "%d bytes for %d, other ones from %d on: %s".formatted(came.length, size, same, other);
  }
}
