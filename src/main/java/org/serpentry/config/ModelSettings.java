// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings of one pool for its programs' language model: {@code serpentry.pool.<name>.<key>}. */
final class ModelSettings {
  private static final SettingList DECLARED = new SettingList("Language model");

  static final Setting<String> LM_MODEL =
      DECLARED.declare(
          "lm-model",
          ValueType.TEXT,
          "",
          "",
          value -> true,
          "Language model that the pool's DspyPrograms begin with, as DSPy names it: provider/model. Empty: none until configureLm.");

  static final Setting<String> LM_API_BASE =
      DECLARED.declare(
          "lm-api-base",
          ValueType.TEXT,
          "",
          "",
          value -> true,
          "Address of its endpoint. Empty: the provider's own.");

  static final Setting<Secret> LM_API_KEY =
      DECLARED.declare(
          "lm-api-key",
          ValueType.SECRET,
          "",
          "",
          value -> true,
          "Its key. Shown in no dump of the settings, error or log; lm-api-key-file keeps it out of the settings.");

  static final Setting<Optional<Path>> LM_API_KEY_FILE =
      DECLARED.declare(
          "lm-api-key-file",
          ValueType.PATH,
          "",
          "",
          value -> true,
          "File that holds its key, such as a mounted secret. Looked at again once a second at most while programs run: another key in it takes effect on every worker, without a restart.");

  static final Setting<Optional<Double>> LM_TEMPERATURE =
      DECLARED.declare(
          "lm-temperature",
          ValueType.NUMBER,
          "",
          "0 to 2",
          value -> value.isEmpty() || (value.get() >= 0 && value.get() <= 2),
          "Sampling temperature. Empty: 0.7 where the model takes one.");

  static final Setting<Integer> LM_MAX_TOKENS =
      DECLARED.declare(
          "lm-max-tokens",
          ValueType.INTEGER,
          "0",
          "zero or more",
          value -> value >= 0,
          "Most tokens of an answer. Zero: the provider's own limit.");

  static final Setting<Duration> LM_TIMEOUT =
      DECLARED.declare(
          "lm-timeout",
          ValueType.DURATION,
          "0s",
          "zero or more",
          value -> !value.isNegative(),
          "Longest request to the endpoint. Zero: only the call's own deadline limits it, which always holds.");

  static final Setting<Integer> LM_RETRIES =
      DECLARED.declare(
          "lm-retries",
          ValueType.INTEGER,
          "3",
          "0 to 100",
          value -> value >= 0 && value <= 100,
          "How often DSPy tries a request again that failed in passing, within the call's deadline.");

  static final Setting<Boolean> LM_CACHE =
      DECLARED.declare(
          "lm-cache",
          ValueType.BOOLEAN,
          "false",
          "",
          value -> true,
          "Whether each worker remembers 1000 answers in memory. Never on disk.");

  private ModelSettings() {}

  /** In the order of the documentation. */
  static List<Setting<?>> all() {
    return DECLARED.all();
  }
}
