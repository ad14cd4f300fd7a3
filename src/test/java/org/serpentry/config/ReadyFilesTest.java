// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The ready files load, and hold the values of the design. */
@Tag("layer-1")
class ReadyFilesTest {
  @Test
  void productionUsesAsManyWorkersAsCoresAndBuildsNothing() throws IOException {
    PoolConfig pool = load("production.properties");
    int cores = Runtime.getRuntime().availableProcessors();

    assertThat(pool.size()).isEqualTo(cores);
    assertThat(pool.maxSize()).isEqualTo(cores + 2);
    assertThat(pool.checkoutTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(pool.operationTimeout()).isEqualTo(Duration.ofMinutes(1));
    assertThat(pool.healthCheckInterval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(pool.buildEnvironment()).isFalse();
  }

  @Test
  void developmentIsSmallAndPatient() throws IOException {
    PoolConfig pool = load("development.properties");

    assertThat(pool.size()).isEqualTo(2);
    assertThat(pool.maxSize()).isEqualTo(3);
    assertThat(pool.checkoutTimeout()).isEqualTo(Duration.ofSeconds(45));
    assertThat(pool.operationTimeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(pool.healthCheckInterval()).isEqualTo(Duration.ofSeconds(10));
    assertThat(pool.buildEnvironment()).isTrue();
  }

  @Test
  void testIsSmallAndReadyBeforeTheFirstTest() throws IOException {
    PoolConfig pool = load("test.properties");

    assertThat(pool.size()).isEqualTo(2);
    assertThat(pool.maxSize()).isEqualTo(2);
    assertThat(pool.start()).isEqualTo(StartMode.EAGER);
    assertThat(pool.checkoutTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(pool.operationTimeout()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void flagsAreListedInOnePlace() throws IOException {
    Map<String, Boolean> flags = FeatureFlags.of(load("development.properties"));

    assertThat(flags)
        .containsEntry("watch-code", true)
        .containsEntry("build-environment", true)
        .containsEntry("debug-log", false)
        .containsEntry("recycle-overlap", true)
        .hasSize(FeatureFlags.all().size());
    assertThat(FeatureFlags.all()).allMatch(flag -> !flag.description().isEmpty());
  }

  private static PoolConfig load(String file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of("config", file))) {
      properties.load(reader);
    }
    return ConfigReader.of(properties).read().pools().get("default");
  }
}
