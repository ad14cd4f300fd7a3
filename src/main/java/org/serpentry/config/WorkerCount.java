// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of workers, fixed or in terms of the machine's cores or of the pool's {@code size}.
 *
 * <p>Texts: {@code 4}, {@code cores}, {@code 2xcores}, {@code size}, {@code size+2}.
 */
record WorkerCount(Base base, int factor, int addend) {
  private static final Pattern CORES = Pattern.compile("(?:(\\d{1,4})\\s*[x*]\\s*)?cores");
  private static final Pattern SIZE = Pattern.compile("size(?:\\s*\\+\\s*(\\d{1,6}))?");

  enum Base {
    FIXED,
    CORES,
    SIZE
  }

  static WorkerCount of(int fixed) {
    return new WorkerCount(Base.FIXED, 0, fixed);
  }

  /** Parses one of the texts of the class comment. */
  static WorkerCount parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    Matcher cores = CORES.matcher(lower);
    if (cores.matches()) {
      String times = cores.group(1);
      return new WorkerCount(Base.CORES, times == null ? 1 : Integer.parseInt(times), 0);
    }
    Matcher size = SIZE.matcher(lower);
    if (size.matches()) {
      String plus = size.group(1);
      return new WorkerCount(Base.SIZE, 1, plus == null ? 0 : Integer.parseInt(plus));
    }
    return of(Integer.parseInt(lower));
  }

  /** The number itself. {@code size} is read only by texts that start with {@code size}. */
  int resolve(int cores, int size) {
    return switch (base) {
      case FIXED -> addend;
      case CORES -> factor * cores;
      case SIZE -> size + addend;
    };
  }

  @Override
  public String toString() {
    return switch (base) {
      case FIXED -> Integer.toString(addend);
      case CORES -> factor == 1 ? "cores" : factor + "xcores";
      case SIZE -> addend == 0 ? "size" : "size+" + addend;
    };
  }
}
