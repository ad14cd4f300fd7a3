// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;
import java.util.Map;

/**
 * The part of a pool's checked settings that is about streams. Immutable and safe for use by any
 * thread; {@link PoolConfig#streams()} gives it.
 */
public final class StreamConfig {
  private final Map<Setting<?>, Object> values;

  StreamConfig(Map<Setting<?>, Object> values) {
    this.values = values;
  }

  /**
   * Items of a stream that Python may be ahead of its reader. Default: {@code 64}; range: 1 to
   * 100000.
   */
  public int streamWindow() {
    return StreamSettings.STREAM_WINDOW.in(values);
  }

  /**
   * Size of such items together, but for the last one, which max-frame-size limits. Default: {@code
   * 1MiB}; range: 1KiB to 1GiB.
   */
  public long streamBuffer() {
    return StreamSettings.STREAM_BUFFER.in(values);
  }

  /**
   * Longest wait of a stream for its next item, while its reader has room for one. Zero: only the
   * operation-timeout limits it. Default: {@code 0s}; range: zero or more.
   */
  public Duration streamIdleTimeout() {
    return StreamSettings.STREAM_IDLE_TIMEOUT.in(values);
  }
}
