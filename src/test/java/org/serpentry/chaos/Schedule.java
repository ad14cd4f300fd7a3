// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
  private static final int FIRST_OUTAGE_MILLIS = 2_000;
  private static final int SHORTEST_RESPITE_MILLIS = 4_000;
  private static final int LONGEST_RESPITE_MILLIS = 8_000;
  private static final List<Strike.Kind> OUTAGES =
      Arrays.stream(Strike.Kind.values()).filter(Strike.Kind::outage).toList();
  private static final int TOTAL =
      Arrays.stream(Strike.Kind.values()).mapToInt(Strike.Kind::weight).sum();

  static Schedule of(long seed, long seconds) {
    SplittableRandom random = new SplittableRandom(seed);
    SplittableRandom outages = random.split();
    List<Strike> strikes = new ArrayList<>();
    long end = seconds * 1000;
    for (long at = random.nextInt(LONGEST_PAUSE_MILLIS);
        at < end;
        at += 1 + random.nextInt(LONGEST_PAUSE_MILLIS)) {
      strikes.add(strike(at, kind(random.nextInt(TOTAL)), random));
    }
    for (long at = FIRST_OUTAGE_MILLIS;
        at < end;
        at += outages.nextInt(SHORTEST_RESPITE_MILLIS, LONGEST_RESPITE_MILLIS)) {
      strikes.add(strike(at, OUTAGES.get(outages.nextInt(OUTAGES.size())), outages));
    }
    strikes.sort(Comparator.comparingLong(Strike::atMillis));
    return new Schedule(seed, List.copyOf(strikes));
  }

  private static Strike strike(long at, Strike.Kind kind, SplittableRandom random) {
    return new Strike(at, kind, random.nextInt(1000), 1 + random.nextInt(1000));
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
