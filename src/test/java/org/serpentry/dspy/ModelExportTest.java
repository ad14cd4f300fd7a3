// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.config.ModelConfig;
import org.serpentry.config.ModelConfigBuilder;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.Secret;

/** A model that an operator has put in force, as settings. */
@Tag("layer-1")
class ModelExportTest {
  private static final String KEY = "sk-very-secret";

  private static ModelConfig config(Consumer<ModelConfigBuilder> settings) {
    return PoolConfig.builder("ml").model(settings).build().model();
  }

  private static String export(ModelConfig config, String key, LmConfig model) {
    String lines = new ModelExport("ml", config, key).of(model);
    assertThat(lines).doesNotContain(KEY);
    return lines;
  }

  @Test
  void whatDiffersIsWrittenAsSettingsAndTheKeyNamedByItsFile() {
    ModelConfig config =
        config(m -> m.model("openai/a").apiKeyFile(Path.of("/run/secrets/lm")).temperature(0.2));
    LmConfig begun =
        LmConfig.model("openai/a").apiKey(KEY).temperature(0.2).retries(3).cache(false).build();

    assertThat(export(config, KEY, begun.with("openai/b", "http://lm:8000/v1", null)))
        .isEqualTo(
            """
            serpentry.pool.ml.lm-model=openai/b
            serpentry.pool.ml.lm-api-base=http://lm:8000/v1
            # Its key is that of serpentry.pool.ml.lm-api-key-file=/run/secrets/lm
            """);
    assertThat(export(config, KEY, begun.with(null, null, "sk-another")))
        .isEqualTo(
            "# Its key is not shown: write it into the file of"
                + " serpentry.pool.ml.lm-api-key-file=/run/secrets/lm\n");
  }

  @Test
  void aKeyOfTheSettingsIsNamedByItsSettingAndOneOfNoSettingNotAtAll() {
    ModelConfig direct = config(m -> m.model("openai/a").apiKey(Secret.of(KEY)));
    LmConfig model = LmConfig.model("openai/b").apiKey(KEY).build();

    assertThat(export(direct, KEY, model))
        .endsWith("# Its key is that of serpentry.pool.ml.lm-api-key\n");
    assertThat(export(config(m -> m.model("openai/a")), "", model))
        .endsWith(
            "# Its key is not shown: write it into a file and name that by"
                + " serpentry.pool.ml.lm-api-key-file\n");
    assertThat(export(direct, KEY, LmConfig.model("openai/b").build()))
        .endsWith("serpentry.pool.ml.lm-api-key=\n");
  }

  @Test
  void aPoolThatBeginsWithTheLinesHasTheModel() {
    LmConfig model =
        LmConfig.model("x")
            .provider("openai")
            .temperature(0.5)
            .maxTokens(7)
            .timeout(Duration.ofMillis(1_500))
            .retries(1)
            .cache(true)
            .build();

    assertThat(export(config(m -> {}), "", model))
        .isEqualTo(
            """
            # Without lm-model, code set the model before: where it does so again, that one counts
            serpentry.pool.ml.lm-model=openai/x
            serpentry.pool.ml.lm-temperature=0.5
            serpentry.pool.ml.lm-max-tokens=7
            serpentry.pool.ml.lm-timeout=PT1.5S
            serpentry.pool.ml.lm-retries=1
            serpentry.pool.ml.lm-cache=true
            """);
  }

  @Test
  void neitherAnAddressWithAPasswordNorOneThatForgesALineGetsThrough() {
    ModelConfig config = config(m -> m.model("openai/a"));

    assertThat(
            export(
                config,
                "",
                LmConfig.model("openai/a").apiBase("https://me:" + KEY + "@lm/v1").build()))
        .isEqualTo(
            "# serpentry.pool.ml.lm-api-base=https://…@lm/v1 with its credentials, which are not shown\n");
    assertThat(
            export(
                    config,
                    "",
                    LmConfig.model("openai/a").apiBase("http://lm\nserpentry.pools=x").build())
                .lines())
        .containsExactly("serpentry.pool.ml.lm-api-base=http://lm\\nserpentry.pools=x");
  }
}
