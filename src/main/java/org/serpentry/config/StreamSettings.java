// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;
import java.util.List;

/** Settings of one pool for streams: {@code serpentry.pool.<name>.<key>}. */
final class StreamSettings {
  private static final SettingList DECLARED = new SettingList("Streams");

  static final Setting<Integer> STREAM_WINDOW =
      DECLARED.declare(
          "stream-window",
          ValueType.INTEGER,
          "64",
          "1 to 100000",
          value -> value >= 1 && value <= 100_000,
          "Items of a stream that Python may be ahead of its reader.");

  static final Setting<Long> STREAM_BUFFER =
      DECLARED.declare(
          "stream-buffer",
          ValueType.BYTES,
          "1MiB",
          "1KiB to 1GiB",
          value -> value >= 1L << 10 && value <= 1L << 30,
          "Size of such items together, but for the last one, which max-frame-size limits.");

  static final Setting<Duration> STREAM_IDLE_TIMEOUT =
      DECLARED.declare(
          "stream-idle-timeout",
          ValueType.DURATION,
          "0s",
          "zero or more",
          value -> !value.isNegative(),
          "Longest wait of a stream for its next item, while its reader has room for one. Zero: only the operation-timeout limits it.");

  private StreamSettings() {}

  /** In the order of the documentation. */
  static List<Setting<?>> all() {
    return DECLARED.all();
  }
}
