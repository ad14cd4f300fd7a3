// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.serpentry.pool.PoolFigures;

/**
 * What liveness or startup finds of an application's pools, one after the other: up as long as all
 * of them are. For one thread.
 */
final class ProbeFindings {

  /** The control thread shows that it runs every five seconds. */
  static final long MOST_SILENT_SECONDS = 60;

  private final Map<String, String> texts = new LinkedHashMap<>();
  private final Map<String, Long> numbers = new LinkedHashMap<>();
  private boolean up = true;

  /** Judges whether the control thread of a pool runs. */
  void alive(String pool, PoolFigures figures) {
    boolean well = figures.silence().toSeconds() < MOST_SILENT_SECONDS;
    up &= well;
    texts.put(pool + ".status", well ? "control thread runs" : "control thread stuck");
    numbers.put(pool + ".uptimeSeconds", figures.uptime().toSeconds());
  }

  /** Notes whether a pool has been able to serve once, and how it is when it has not. */
  void started(String pool, boolean once, Serving serving, int size) {
    up &= once;
    texts.put(pool + ".status", once ? "started" : serving.reason());
    numbers.put(pool + ".size", (long) size);
  }

  boolean up() {
    return up;
  }

  /** All that was found, by key. */
  Map<String, Object> data() {
    Map<String, Object> data = new LinkedHashMap<>(texts);
    data.putAll(numbers);
    return data;
  }

  HealthCheckResponse response() {
    HealthCheckResponseBuilder response = HealthCheckResponse.named("serpentry");
    texts.forEach(response::withData);
    numbers.forEach(response::withData);
    return response.status(up).build();
  }
}
