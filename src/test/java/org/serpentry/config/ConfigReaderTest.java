// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.original.Original;

@Original("config")
@Tag("layer-1")
class ConfigReaderTest {
  @Test
  void nothingSetMeansOnePoolWithDefaults() {
    ApplicationConfig config = read(Map.of());

    assertThat(config.pools()).containsOnlyKeys("default");
    assertThat(config.applicationName()).isEmpty();
    assertThat(config.restEnabled()).isFalse();
    assertThat(config.development()).isFalse();
  }

  @Test
  void poolsKeepTheirOrderAndTheirOwnSettings() {
    ApplicationConfig config =
        read(
            Map.of(
                "serpentry.pools", "ml, default",
                "serpentry.pool.ml.size", "3",
                "serpentry.pool.ml.start-method", "spawn",
                "serpentry.pool.ml.code-directories", "a,b",
                "serpentry.pool.ml.environment.CUDA_VISIBLE_DEVICES", "{slot}",
                "serpentry.pool.default.max-frame-size", "1MiB",
                "serpentry.pool.default.checkout-timeout", "PT1M"));

    assertThat(config.pools().keySet()).containsExactly("ml", "default");
    PoolConfig ml = config.pools().get("ml");
    assertThat(ml.size()).isEqualTo(3);
    assertThat(ml.maxSize()).isEqualTo(5);
    assertThat(ml.startMethod()).isEqualTo(StartMethod.SPAWN);
    assertThat(ml.codeDirectories()).containsExactly(Path.of("a"), Path.of("b"));
    assertThat(ml.environment(1)).containsExactly(Map.entry("CUDA_VISIBLE_DEVICES", "1"));
    PoolConfig other = config.pools().get("default");
    assertThat(other.maxFrameSize()).isEqualTo(1 << 20);
    assertThat(other.checkoutTimeout()).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void whoWatchesNeedsTheRoleOfRestUnlessThereIsOneForIt() {
    assertThat(read(Map.of()).monitor())
        .isEqualTo(new MonitorConfig(false, false, "serpentry-caller"));
    assertThat(read(Map.of("serpentry.rest.role", "scorers")).monitor().role())
        .isEqualTo("scorers");
    assertThat(
            read(Map.of(
                    "serpentry.rest.role", "scorers",
                    "serpentry.rest.monitor-role", "watchers",
                    "serpentry.rest.status-page", "true",
                    "serpentry.rest.metrics", "true"))
                .monitor())
        .isEqualTo(new MonitorConfig(true, true, "watchers"));
  }

  @Test
  void blankValuesCountAsNone() {
    ApplicationConfig config =
        read(Map.of("serpentry.pool.default.size", " ", "serpentry.pool.default.requirements", ""));

    assertThat(config.pools().get("default").requirements()).isEmpty();
  }

  @Test
  void unknownKeysAreRefusedWithTheNearestOne() {
    assertThat(
            problems(
                Map.of(
                    "serpentry.pool.default.szie", "3",
                    "serpentry.pool.defalt.size", "3",
                    "serpentry.rest.enable", "true",
                    "other.key", "x")))
        .containsExactly(
            "serpentry.pool.defalt.size belongs to no pool; the nearest of those in"
                + " serpentry.pools is default",
            "serpentry.pool.default.szie is not a key; the nearest is serpentry.pool.default.size",
            "serpentry.rest.enable is not a key; the nearest is serpentry.rest.enabled");
  }

  @Test
  void everyProblemIsReportedAtOnceOneALine() {
    ConfigException refused =
        refused(
            Map.of(
                "serpentry.pool.default.size", "many",
                "serpentry.pool.default.operation-timeout", "0",
                "serpentry.pool.default.nan", "perhaps",
                "serpentry.rest.functions", "serpentry:ping"));

    assertThat(refused.getMessage().split("\n")).hasSize(5);
    assertThat(refused)
        .hasMessageContaining(
            "serpentry.pool.default.size=many is refused; accepted: number, as in")
        .hasMessageContaining("serpentry.pool.default.operation-timeout=0 is refused")
        .hasMessageContaining("serpentry.pool.default.nan=perhaps is refused; accepted: one of")
        .hasMessageContaining("serpentry.rest.functions=serpentry:ping is refused");
  }

  @Test
  void sizesThatContradictEachOtherAreNamedByTheirKeys() {
    assertThat(
            problems(
                Map.of("serpentry.pool.default.size", "4", "serpentry.pool.default.max-size", "2")))
        .containsExactly(
            "serpentry.pool.default.max-size=2 is refused; accepted: size (4) to 10000");
  }

  @Test
  void environmentVariablesSetKeys() {
    ApplicationConfig config =
        read(
            Map.of(
                "SERPENTRY_POOLS", "my-pool",
                "SERPENTRY_POOL_MY_POOL_MAX_SIZE", "size+9",
                "SERPENTRY_POOL_MY_POOL_SIZE", "2",
                "SERPENTRY_POOL_MY_POOL_ENVIRONMENT_PASS", "HF_HOME",
                "SERPENTRY_POOL_MY_POOL_ENVIRONMENT_MODEL", "small"));

    PoolConfig pool = config.pools().get("my-pool");
    assertThat(pool.maxSize()).isEqualTo(11);
    assertThat(pool.environmentPass()).containsExactly("HF_HOME");
    assertThat(pool.environment()).containsExactly(Map.entry("MODEL", "small"));
  }

  @Test
  void serversGuessesAtTheKeyBehindAVariableAreJudgedByTheVariable() {
    Map<String, String> both =
        Map.of(
            "SERPENTRY_POOL_DEFAULT_MAX_FRAME_SIZE", "1MiB",
            "serpentry.pool.default.max.frame.size", "1MiB",
            "SERPENTRY_POOL_DEFAULT_ENVIRONMENT_MODEL", "small",
            "serpentry.pool.default.environment.model", "small");

    PoolConfig pool = read(both).pools().get("default");

    assertThat(pool.maxFrameSize()).isEqualTo(1 << 20);
    assertThat(pool.environment()).containsExactly(Map.entry("MODEL", "small"));
  }

  @Test
  void unknownVariablesAreRefusedButKubernetesServiceLinksAreNot() {
    assertThat(
            problems(
                Map.of(
                    "SERPENTRY_POOL_DEFAULT_SZIE", "3",
                    "SERPENTRY_SERVICE_HOST", "10.0.0.1",
                    "SERPENTRY_PORT_8080_TCP_ADDR", "10.0.0.1")))
        .containsExactly(
            "environment variable SERPENTRY_POOL_DEFAULT_SZIE stands for no key; the nearest is"
                + " SERPENTRY_POOL_DEFAULT_SIZE");
  }

  @Test
  void messagesLeaveOutValuesThatMayBeSecret() {
    assertThat(refused(Map.of("serpentry.pool.default.environment.A-B", "hush")))
        .hasMessageContaining("environment.A-B")
        .hasMessageNotContaining("hush");
  }

  @Test
  void restPermitsOnlyWhatIsListedAndNeverBuiltInCommands() {
    ApplicationConfig config =
        read(
            Map.of(
                "serpentry.rest.enabled", "true",
                "serpentry.rest.functions", "reviews:score,digits:*",
                "mp.config.profile", "development"));

    assertThat(config.restPermits("reviews:score")).isTrue();
    assertThat(config.restPermits("reviews:other")).isFalse();
    assertThat(config.restPermits("digits:predict")).isTrue();
    assertThat(config.restPermits("serpentry:ping")).isFalse();
    assertThat(config.restPermits("digits")).isFalse();
    assertThat(config.development()).isTrue();
  }

  private static ApplicationConfig read(Map<String, String> source) {
    return new ConfigReader(key -> Optional.ofNullable(source.get(key)), source.keySet()).read();
  }

  private static ConfigException refused(Map<String, String> source) {
    ConfigException refused = catchThrowableOfType(ConfigException.class, () -> read(source));
    assertThat(refused).as("the settings are refused").isNotNull();
    return refused;
  }

  private static List<String> problems(Map<String, String> source) {
    return refused(source).problems();
  }
}
