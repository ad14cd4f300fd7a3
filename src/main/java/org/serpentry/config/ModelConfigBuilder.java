// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Sets what {@link ModelConfig} holds, as a part of a {@link PoolConfigBuilder}. For one thread.
 * The meaning of each setting stands at the accessor of {@link ModelConfig}.
 */
public final class ModelConfigBuilder {
  private final PoolConfigBuilder pool;

  ModelConfigBuilder(PoolConfigBuilder pool) {
    this.pool = pool;
  }

  private <T> ModelConfigBuilder set(Setting<T> setting, T value) {
    pool.set(setting, value);
    return this;
  }

  /** Sets {@link ModelConfig#model()}. */
  public ModelConfigBuilder model(String value) {
    return set(ModelSettings.LM_MODEL, value);
  }

  /** Sets {@link ModelConfig#apiBase()}. */
  public ModelConfigBuilder apiBase(String value) {
    return set(ModelSettings.LM_API_BASE, value);
  }

  /** Sets {@link ModelConfig#apiKey()}. */
  public ModelConfigBuilder apiKey(Secret value) {
    return set(ModelSettings.LM_API_KEY, value);
  }

  /** Sets {@link ModelConfig#apiKeyFile()}. */
  public ModelConfigBuilder apiKeyFile(Path value) {
    return set(ModelSettings.LM_API_KEY_FILE, Optional.of(value));
  }

  /** Sets {@link ModelConfig#temperature()}. */
  public ModelConfigBuilder temperature(double value) {
    return set(ModelSettings.LM_TEMPERATURE, Optional.of(value));
  }

  /** Sets {@link ModelConfig#maxTokens()}. */
  public ModelConfigBuilder maxTokens(int value) {
    return set(ModelSettings.LM_MAX_TOKENS, value);
  }

  /** Sets {@link ModelConfig#timeout()}. */
  public ModelConfigBuilder timeout(Duration value) {
    return set(ModelSettings.LM_TIMEOUT, value);
  }

  /** Sets {@link ModelConfig#retries()}. */
  public ModelConfigBuilder retries(int value) {
    return set(ModelSettings.LM_RETRIES, value);
  }

  /** Sets {@link ModelConfig#cache()}. */
  public ModelConfigBuilder cache(boolean value) {
    return set(ModelSettings.LM_CACHE, value);
  }
}
