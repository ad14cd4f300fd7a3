// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Sets what {@link ServiceConfig} holds, as a part of a {@link PoolConfigBuilder}. For one thread.
 * The meaning of each setting stands at the accessor of {@link ServiceConfig}.
 */
public final class ServiceConfigBuilder {
  private final PoolConfigBuilder pool;

  ServiceConfigBuilder(PoolConfigBuilder pool) {
    this.pool = pool;
  }

  /** Sets {@link ServiceConfig#adapter()}. */
  public ServiceConfigBuilder adapter(String value) {
    pool.set(ServiceSettings.ADAPTER_NAME, value);
    return this;
  }

  /** Sets {@link ServiceConfig#fallback()}. */
  public ServiceConfigBuilder fallback(String... value) {
    pool.set(ServiceSettings.FALLBACK, List.of(value));
    return this;
  }

  /** Sets {@link ServiceConfig#fallbackHold()}. */
  public ServiceConfigBuilder fallbackHold(Duration value) {
    pool.set(ServiceSettings.FALLBACK_HOLD, value);
    return this;
  }

  /** Sets {@link ServiceConfig#debugLog()}. */
  public ServiceConfigBuilder debugLog(boolean value) {
    pool.set(ServiceSettings.DEBUG_LOG, value);
    return this;
  }

  /** Sets {@link ServiceConfig#mockAnswers()}. */
  public ServiceConfigBuilder mockAnswers(Path value) {
    pool.set(ServiceSettings.MOCK_ANSWERS, Optional.of(value));
    return this;
  }
}
