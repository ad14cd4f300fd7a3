// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The part of a pool's checked settings that is about its programs' language model. Immutable and
 * safe for use by any thread; {@link PoolConfig#model()} gives it. The keys are these names with
 * {@code lm-} before them.
 */
public final class ModelConfig {
  private final Map<Setting<?>, Object> values;

  ModelConfig(Map<Setting<?>, Object> values) {
    this.values = values;
  }

  /**
   * Language model that the pool's DspyPrograms begin with, as DSPy names it: provider/model.
   * Empty: none until configureLm. Default: {@code none}.
   */
  public String model() {
    return ModelSettings.LM_MODEL.in(values);
  }

  /** Address of its endpoint. Empty: the provider's own. Default: {@code none}. */
  public String apiBase() {
    return ModelSettings.LM_API_BASE.in(values);
  }

  /**
   * Its key. Shown in no dump of the settings, error or log; lm-api-key-file keeps it out of the
   * settings. Default: {@code none}.
   */
  public Secret apiKey() {
    return ModelSettings.LM_API_KEY.in(values);
  }

  /**
   * File that holds its key, such as a mounted secret. Looked at again once a second at most while
   * programs run: another key in it takes effect on every worker, without a restart. Default:
   * {@code none}.
   */
  public Optional<Path> apiKeyFile() {
    return ModelSettings.LM_API_KEY_FILE.in(values);
  }

  /**
   * Sampling temperature. Empty: 0.7 where the model takes one. Default: {@code none}; range: 0 to
   * 2.
   */
  public Optional<Double> temperature() {
    return ModelSettings.LM_TEMPERATURE.in(values);
  }

  /**
   * Most tokens of an answer. Zero: the provider's own limit. Default: {@code 0}; range: zero or
   * more.
   */
  public int maxTokens() {
    return ModelSettings.LM_MAX_TOKENS.in(values);
  }

  /**
   * Longest request to the endpoint. Zero: only the call's own deadline limits it, which always
   * holds. Default: {@code 0s}; range: zero or more.
   */
  public Duration timeout() {
    return ModelSettings.LM_TIMEOUT.in(values);
  }

  /**
   * How often DSPy tries a request again that failed in passing, within the call's deadline.
   * Default: {@code 3}; range: 0 to 100.
   */
  public int retries() {
    return ModelSettings.LM_RETRIES.in(values);
  }

  /**
   * Whether each worker remembers 1000 answers in memory. Never on disk. Default: {@code false}.
   */
  public boolean cache() {
    return ModelSettings.LM_CACHE.in(values);
  }
}
