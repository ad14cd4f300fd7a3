// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What the adversary does and when: a function of the seed and the duration alone.
 *
 * @param seed the seed
 * @param strikes in the order of their times
 */
record Schedule(long seed, List<Strike> strikes) {

  private static final int LONGEST_PAUSE_MILLIS = 220;
  private static final int TOTAL =
      Arrays.stream(Strike.Kind.values()).mapToInt(Strike.Kind::weight).sum();

  static Schedule of(long seed, long seconds) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Strike> strikes = new ArrayList<>();
    long at = random.nextInt(LONGEST_PAUSE_MILLIS);
    while (at < seconds * 1000) {
      strikes.add(
          new Strike(
              at, kind(random.nextInt(TOTAL)), random.nextInt(1000), 1 + random.nextInt(1000)));
      at += 1 + random.nextInt(LONGEST_PAUSE_MILLIS);
    }
    return new Schedule(seed, List.copyOf(strikes));
  }

  private static Strike.Kind kind(int drawn) {
    int left = drawn;
    for (Strike.Kind kind : Strike.Kind.values()) {
      left -= kind.weight();
      if (left < 0) {
        return kind;
      }
    }
    throw new IllegalStateException("drawn " + drawn + " of " + TOTAL);
  }

  /** Writes it, one strike a line. */
  Path write(Path directory) throws IOException {
    Path file = Files.createDirectories(directory).resolve("schedule-" + seed + ".txt");
    return Files.write(file, strikes.stream().map(Strike::toString).toList());
  }
}
