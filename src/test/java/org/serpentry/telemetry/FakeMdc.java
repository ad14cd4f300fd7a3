// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Static methods as those of the servers' MDC classes; one map, since one thread writes. */
public final class FakeMdc {

  private static final Map<String, String> VALUES = new ConcurrentHashMap<>();

  private FakeMdc() {}

  /** As JBoss's does, it returns what was there before. */
  public static String put(String key, String value) {
    return VALUES.put(key, value);
  }

  /** Takes a value out. */
  public static void remove(String key) {
    VALUES.remove(key);
  }

  static Map<String, String> now() {
    return Map.copyOf(VALUES);
  }
}
