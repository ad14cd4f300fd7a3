// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.config.ModelConfig;
import org.serpentry.config.ModelConfigBuilder;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.Secret;
import org.serpentry.telemetry.RecordingLoggers;

/** The language model of the settings, and what a change of its key's file does. */
@Tag("layer-1")
class ConfiguredLmTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @TempDir private Path directory;

  private final AtomicLong time = new AtomicLong(Long.MAX_VALUE - 5); // It may overflow.
  private final LmVersions models = new LmVersions();

  private static ModelConfig config(Consumer<ModelConfigBuilder> settings) {
    return PoolConfig.builder("ml").model(settings).build().model();
  }

  private ConfiguredLm configured(Consumer<ModelConfigBuilder> settings) {
    return new ConfiguredLm("ml", config(settings), models, time::get);
  }

  private Path keyFile(String key) throws IOException {
    return Files.writeString(directory.resolve("key"), key);
  }

  private Object key() {
    return models.of(null).settings().wire().get("api_key");
  }

  private void lookAfter(ConfiguredLm lm, Duration passed) {
    time.addAndGet(passed.toNanos());
    lm.look();
  }

  @Test
  void withoutAModelThereIsNone() {
    configured(m -> {}).look();

    assertThat(models.of(null)).isNull();
  }

  @Test
  void everySettingReachesTheModel() {
    configured(
        m ->
            m.model("openai/a")
                .apiBase("http://lm:1")
                .apiKey(Secret.of("k-1"))
                .temperature(0.2)
                .maxTokens(5)
                .timeout(Duration.ofMillis(1500))
                .retries(1)
                .cache(true));

    assertThat(models.of(null).settings().wire())
        .containsEntry("model", "openai/a")
        .containsEntry("api_base", "http://lm:1")
        .containsEntry("api_key", "k-1")
        .containsEntry("temperature", 0.2)
        .containsEntry("max_tokens", 5)
        .containsEntry("timeout", 1.5)
        .containsEntry("num_retries", 1)
        .containsEntry("cache", true);
  }

  @Test
  void whatIsNotSetIsLeftToDspy() {
    configured(m -> m.model("openai/a"));

    assertThat(models.of(null).settings().wire()).containsOnlyKeys("model", "num_retries", "cache");
  }

  @Test
  void anotherKeyInTheFileTakesEffectWithinASecondOfTheNextLook() throws IOException {
    Path file = keyFile("first\n");
    ConfiguredLm lm = configured(m -> m.model("openai/a").apiKeyFile(file));
    assertThat(key()).isEqualTo("first");
    long number = models.of(null).number();

    lookAfter(lm, SECOND);
    assertThat(models.of(null).number()).as("nothing has changed").isEqualTo(number);
    keyFile("second\n");
    lookAfter(lm, SECOND.minusNanos(1));
    assertThat(key()).as("looked at a moment ago").isEqualTo("first");
    lookAfter(lm, Duration.ofNanos(1));

    assertThat(key()).isEqualTo("second");
    assertThat(models.of(null).number()).isGreaterThan(number);
  }

  @Test
  void aFileThatCannotBeUsedLeavesTheKeyAndIsLookedAtAgain() throws IOException {
    Path file = keyFile("first");
    ConfiguredLm lm = configured(m -> m.model("openai/a").apiKeyFile(file));

    Files.delete(file);
    lookAfter(lm, SECOND);
    assertThat(key()).isEqualTo("first");
    keyFile("");
    lookAfter(lm, SECOND);
    assertThat(key()).isEqualTo("first");
    keyFile("second");
    lookAfter(lm, SECOND);

    assertThat(key()).isEqualTo("second");
  }

  @Test
  void aFileThatCannotBeUsedAtTheBeginningIsRefusedWithoutItsContents() throws IOException {
    Path file = directory.resolve("key");
    refused(file, "cannot be read");
    keyFile(" \n");
    refused(file, "is empty");
    keyFile("sk-one sk-two");
    refused(file, "has more than one word");
  }

  private void refused(Path file, String why) {
    assertThatExceptionOfType(Refusal.class)
        .isThrownBy(() -> configured(m -> m.model("openai/a").apiKeyFile(file)))
        .withMessageContaining("serpentry.pool.ml.lm-api-key-file")
        .withMessageContaining(why)
        .satisfies(e -> assertThat(e.problem()).isEqualTo(DspyProblem.LM_SETTINGS))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("sk-"));
    assertThat(models.of(null)).isNull();
  }

  @Test
  void aModelThatSomebodyConfiguresStaysWhateverTheFileSays() throws IOException {
    Path file = keyFile("first");
    ConfiguredLm lm = configured(m -> m.model("openai/a").apiKeyFile(file));
    models.publish(models.number(null, LmConfig.model("openai/b").apiKey("own").build()));
    keyFile("second");

    lookAfter(lm, SECOND);
    lookAfter(lm, SECOND);

    assertThat(models.of(null).settings().modelName()).isEqualTo("openai/b");
    assertThat(key()).isEqualTo("own");
  }

  @Test
  void aKeyThatComesTooLateIsNotSaidToBeInForce() throws Exception {
    Path file = keyFile("first");
    RecordingLoggers logs = new RecordingLoggers(() -> {});
    ConfiguredLm lm =
        new ConfiguredLm(
            "ml",
            config(m -> m.model("openai/a").apiKeyFile(file)),
            models,
            time::get,
            logs.apply("lm"));
    Files.delete(file);
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    CompletableFuture<Void> look =
        CompletableFuture.runAsync(() -> lookAfter(lm, SECOND), task -> new Thread(task).start());
    try (OutputStream key = Files.newOutputStream(file)) { // Opens when the look reads.
      models.publish(models.number(null, LmConfig.model("openai/b").apiKey("own").build()));
      key.write("second".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(look).succeedsWithin(Duration.ofMinutes(1));

    assertThat(key()).isEqualTo("own");
    assertThat(logs.entries()).hasSize(1).noneMatch(text -> text.contains("is in force"));
    assertThat(logs.entries().get(0))
        .contains("Another model was configured")
        .contains(file.toString());
  }
}
