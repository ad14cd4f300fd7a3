// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The settings of the language model, whose key is shown nowhere. */
@Tag("layer-1")
class ModelConfigTest {
  private static final String KEY = "sk-do-not-show";

  private static Properties properties(String... pairs) {
    Properties properties = new Properties();
    for (int i = 0; i < pairs.length; i += 2) {
      properties.setProperty("serpentry.pool.default." + pairs[i], pairs[i + 1]);
    }
    return properties;
  }

  private static PoolConfig read(String... pairs) {
    return ConfigReader.of(properties(pairs)).read().pools().get("default");
  }

  private static String refused(String... pairs) {
    ConfigException refused = catchThrowableOfType(ConfigException.class, () -> read(pairs));
    assertThat(refused).isNotNull();
    assertThat(refused.toString()).doesNotContain(KEY);
    return refused.getMessage();
  }

  @Test
  void everyKeyIsRead() {
    ModelConfig model =
        read(
                "lm-model", "openai/a",
                "lm-api-base", "http://lm:1",
                "lm-api-key", KEY,
                "lm-temperature", "0.25",
                "lm-max-tokens", "7",
                "lm-timeout", "9s",
                "lm-retries", "0",
                "lm-cache", "true")
            .model();

    assertThat(model.model()).isEqualTo("openai/a");
    assertThat(model.apiBase()).isEqualTo("http://lm:1");
    assertThat(model.apiKey().reveal()).isEqualTo(KEY);
    assertThat(model.temperature()).contains(0.25);
    assertThat(model.maxTokens()).isEqualTo(7);
    assertThat(model.timeout()).isEqualTo(Duration.ofSeconds(9));
    assertThat(model.retries()).isZero();
    assertThat(model.cache()).isTrue();
    assertThat(model.apiKeyFile()).isEmpty();
    assertThat(read("lm-model", "openai/a", "lm-api-key-file", "/run/key").model().apiKeyFile())
        .contains(Path.of("/run/key"));
  }

  @Test
  void theKeyIsInNoText() {
    PoolConfig config = read("lm-model", "openai/a", "lm-api-key", KEY);

    assertThat(config.toString()).contains("lm-api-key=(set)").doesNotContain(KEY);
    assertThat(config.toBuilder().text(ModelSettings.LM_API_KEY)).isEqualTo("(set)");
    assertThat(config.toBuilder().build().model().apiKey()).isEqualTo(Secret.of(KEY));
    assertThat(read("lm-model", "openai/a").toString()).contains("lm-api-key=,");
  }

  @Test
  void aKeyNeedsAModelAndOnePlace() {
    assertThat(refused("lm-api-key", KEY)).contains("lm-api-key is refused without lm-model");
    assertThat(refused("lm-api-key-file", "/run/key"))
        .contains("lm-api-key-file is refused without lm-model");
    assertThat(refused("lm-model", "openai/a", "lm-api-key", KEY, "lm-api-key-file", "/run/key"))
        .contains("set one of them");
  }

  @Test
  void boundsHold() {
    assertThat(refused("lm-temperature", "2.5")).contains("lm-temperature=2.5 is refused");
    assertThat(refused("lm-temperature", "hot")).contains("number, as in 0.7; 0 to 2");
    assertThat(refused("lm-retries", "-1")).contains("0 to 100");
    assertThat(refused("lm-api-keys", KEY)).contains("lm-api-key");
  }
}
