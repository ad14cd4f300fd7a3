// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** What the figures depend on. */
final class Machine {

  private Machine() {}

  static void facts(Map<String, Object> into) {
    into.put("measured", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    into.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
    into.put(
        "system",
        "%s %s (%s)"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    into.put("JDK", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
  }
}
