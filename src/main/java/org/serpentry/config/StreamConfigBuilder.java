// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;

/**
 * Sets what {@link StreamConfig} holds, as a part of a {@link PoolConfigBuilder}. For one thread.
 * The meaning of each setting stands at the accessor of {@link StreamConfig}.
 */
public final class StreamConfigBuilder {
  private final PoolConfigBuilder pool;

  StreamConfigBuilder(PoolConfigBuilder pool) {
    this.pool = pool;
  }

  private <T> StreamConfigBuilder set(Setting<T> setting, T value) {
    pool.set(setting, value);
    return this;
  }

  /** Sets {@link StreamConfig#streamWindow()}. */
  public StreamConfigBuilder streamWindow(int value) {
    return set(StreamSettings.STREAM_WINDOW, value);
  }

  /** Sets {@link StreamConfig#streamBuffer()}. */
  public StreamConfigBuilder streamBuffer(long value) {
    return set(StreamSettings.STREAM_BUFFER, value);
  }

  /** Sets {@link StreamConfig#streamIdleTimeout()}. */
  public StreamConfigBuilder streamIdleTimeout(Duration value) {
    return set(StreamSettings.STREAM_IDLE_TIMEOUT, value);
  }
}
