// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.serpentry.config.ModelConfig;
import org.serpentry.telemetry.SafeText;

/** Writes a language model as settings, of which only its key is left out. For one thread, once. */
final class ModelExport {

  private static final int RETRIES = 3; // DSPy's, and the setting's default.

  private final String prefix;
  private final ModelConfig config;
  private final String key;
  private final StringBuilder lines = new StringBuilder();

  /**
   * An export.
   *
   * @param pool the pool's name
   * @param config the settings now
   * @param key the key of those settings, or empty
   */
  ModelExport(String pool, ModelConfig config, String key) {
    this.prefix = "serpentry.pool." + pool + ".lm-";
    this.config = config;
    this.key = key;
  }

  /** The lines in which a model differs from the settings. */
  String of(LmConfig model) {
    if (config.model().isEmpty()) {
      remark(
          "Without lm-model, code set the model before: where it does so again, that one counts");
    }
    line("model", config.model(), name(model));
    endpoint(model.endpoint());
    line("temperature", text(config.temperature()), text(setting(model, "temperature")));
    line("max-tokens", config.maxTokens(), setting(model, "max_tokens").orElse(0));
    line("timeout", config.timeout(), timeout(model));
    line("retries", config.retries(), setting(model, "num_retries").orElse(RETRIES));
    line("cache", config.cache(), setting(model, "cache").orElse(false));
    key(model.key());
    return lines.toString();
  }

  /** With its provider, for which there is no setting. */
  private static String name(LmConfig model) {
    return setting(model, "provider")
        .map(provider -> provider.equals("google") ? "gemini" : provider)
        .map(provider -> provider + "/" + model.modelName())
        .orElse(model.modelName());
  }

  private static Optional<Object> setting(LmConfig model, String name) {
    return Optional.ofNullable(model.setting(name));
  }

  private static Duration timeout(LmConfig model) {
    return model.setting("timeout") instanceof Number seconds
        ? Duration.ofMillis(Math.round(seconds.doubleValue() * 1_000))
        : Duration.ZERO;
  }

  private static String text(Optional<?> value) {
    return value.map(Object::toString).orElse("");
  }

  private void endpoint(String address) {
    String shown = SafeText.withoutCredentials(address);
    if (shown.equals(address)) {
      line("api-base", config.apiBase(), address);
    } else if (!address.equals(config.apiBase())) {
      remark(prefix + "api-base=" + shown + " with its credentials, which are not shown");
    }
  }

  private void key(String now) {
    String file = config.apiKeyFile().map(Path::toString).orElse("");
    String place = file.isEmpty() ? prefix + "api-key" : prefix + "api-key-file=" + file;
    boolean configured = !key.isEmpty();
    if (now.equals(key)) {
      if (configured) {
        remark("Its key is that of " + place);
      }
    } else if (now.isEmpty()) {
      line(file.isEmpty() ? "api-key" : "api-key-file", place, "");
    } else if (file.isEmpty()) {
      remark(
          "Its key is not shown: write it into a file and name that by " + prefix + "api-key-file");
    } else {
      remark("Its key is not shown: write it into the file of " + place);
    }
  }

  private void line(String name, Object configured, Object now) {
    if (!configured.equals(now)) {
      // Nobody's text makes a line of its own.
      String value = SafeText.line(now.toString().replace("\\", "\\\\"));
      lines.append(prefix).append(name).append('=').append(value).append('\n');
    }
  }

  private void remark(String text) {
    lines.append("# ").append(SafeText.line(text)).append('\n');
  }
}
