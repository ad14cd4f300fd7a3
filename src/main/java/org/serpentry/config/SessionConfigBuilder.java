// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;

/**
 * Sets what {@link SessionConfig} holds, as a part of a {@link PoolConfigBuilder}. For one thread.
 * The meaning of each setting stands at the accessor of {@link SessionConfig}.
 */
public final class SessionConfigBuilder {
  private final PoolConfigBuilder pool;

  SessionConfigBuilder(PoolConfigBuilder pool) {
    this.pool = pool;
  }

  private <T> SessionConfigBuilder set(Setting<T> setting, T value) {
    pool.set(setting, value);
    return this;
  }

  /** Sets {@link SessionConfig#mode()}. */
  public SessionConfigBuilder mode(SessionMode value) {
    return set(SessionSettings.SESSION_MODE, value);
  }

  /** Sets {@link SessionConfig#strictWait()}. */
  public SessionConfigBuilder strictWait(boolean value) {
    return set(SessionSettings.SESSION_STRICT_WAIT, value);
  }

  /** Sets {@link SessionConfig#timeout()}. */
  public SessionConfigBuilder timeout(Duration value) {
    return set(SessionSettings.SESSION_TIMEOUT, value);
  }

  /** Sets {@link SessionConfig#sweep()}. */
  public SessionConfigBuilder sweep(Duration value) {
    return set(SessionSettings.SESSION_SWEEP, value);
  }

  /** Sets {@link SessionConfig#scope()}. */
  public SessionConfigBuilder scope(SessionScope value) {
    return set(SessionSettings.SESSION_SCOPE, value);
  }

  /** Sets {@link SessionConfig#limit()}. */
  public SessionConfigBuilder limit(int value) {
    return set(SessionSettings.SESSION_LIMIT, value);
  }

  /** Sets {@link SessionConfig#stateSize()}. */
  public SessionConfigBuilder stateSize(long value) {
    return set(SessionSettings.SESSION_STATE_SIZE, value);
  }

  /** Sets {@link SessionConfig#storeSize()}. */
  public SessionConfigBuilder storeSize(long value) {
    return set(SessionSettings.SESSION_STORE_SIZE, value);
  }

  /** Sets {@link SessionConfig#storeTtl()}. */
  public SessionConfigBuilder storeTtl(Duration value) {
    return set(SessionSettings.SESSION_STORE_TTL, value);
  }

  /** Sets {@link SessionConfig#moveTimeout()}. */
  public SessionConfigBuilder moveTimeout(Duration value) {
    return set(SessionSettings.SESSION_MOVE_TIMEOUT, value);
  }
}
