// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import java.util.Optional;
import org.serpentry.config.MonitorConfig;

/** What can be looked at below {@code api}, beside the functions that can be called there. */
enum View {
  STATUS("status", "serpentry.rest.status-page"),
  METRICS("metrics", "serpentry.rest.metrics");

  private final String segment;
  private final String key;

  View(String segment, String key) {
    this.segment = segment;
    this.key = key;
  }

  /**
   * Which one a path leads to.
   *
   * @param path below {@code api}, percent-encoded, with or without a slash before it
   * @return empty when to none
   */
  static Optional<View> of(String path) {
    String relative = path.startsWith("/") ? path.substring(1) : path;
    for (View view : values()) {
      if (relative.equals(view.segment) || relative.startsWith(view.segment + "/")) {
        return Optional.of(view);
      }
    }
    return Optional.empty();
  }

  /** The key that switches it on. */
  String key() {
    return key;
  }

  /** Whether it is switched on. */
  boolean on(MonitorConfig config) {
    return this == STATUS ? config.statusPage() : config.metrics();
  }
}
