// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What may answer in place of a pool's workers, as it is configured. */
@Tag("core-pool")
@Tag("layer-1")
class InventionsTest {

  private static ApplicationConfig read(String... pairs) {
    Properties keys = new Properties();
    for (int i = 0; i < pairs.length; i += 2) {
      keys.setProperty(pairs[i], pairs[i + 1]);
    }
    return ConfigReader.of(keys).read();
  }

  @SuppressWarnings("ThrowableNotThrown") // it is what is looked at
  private static ConfigException refused(String... pairs) {
    return catchThrowableOfType(ConfigException.class, () -> read(pairs));
  }

  @Test
  void withoutAWordPythonAnswersAndNothingElse() {
    ServiceConfig services = read().pools().get("default").services();

    assertThat(services.adapter()).isEqualTo("python");
    assertThat(services.fallback()).isEmpty();
    assertThat(services.mayInvent()).isFalse();
    assertThat(services.fallbackHold()).isEqualTo(Duration.ofSeconds(10));
    assertThat(read().testMode()).isEmpty();
  }

  @Test
  void fallbacksAreTakenInTheirOrderOnly() {
    String key = "serpentry.pool.default.fallback";

    assertThat(read(key, "single, mock").pools().get("default").services().fallback())
        .containsExactly("single", "mock");
    assertThat(read(key, "mock").pools().get("default").services().mayInvent()).isTrue();
    assertThat(refused(key, "mock,single")).hasMessageContaining("single,mock");
    assertThat(refused(key, "singel")).hasMessageContaining("single");
  }

  @Test
  void theProductionProfileRefusesWhateverInvents() {
    String[] profile = {"mp.config.profile", "production"};

    assertThat(refused(profile[0], profile[1], "serpentry.pool.default.adapter", "mock"))
        .hasMessageContaining("serpentry.pool.default.adapter=mock is refused")
        .hasMessageContaining("invents its answers");
    assertThat(refused(profile[0], profile[1], "serpentry.pool.default.fallback", "single,mock"))
        .hasMessageContaining("serpentry.pool.default.fallback=single,mock is refused");
    assertThat(refused(profile[0], profile[1], "serpentry.test-mode", "mock_adapter"))
        .hasMessageContaining("test-mode (or TEST_MODE)=mock_adapter is refused");
    assertThat(refused(profile[0], profile[1], "TEST_MODE", "bridge_mock"))
        .hasMessageContaining("bridge_mock is refused");
    assertThat(
            read(profile[0], profile[1], "serpentry.pool.default.fallback", "single")
                .pools()
                .get("default")
                .services()
                .fallback())
        .containsExactly("single");
  }

  @Test
  void aVariableTestModeOfSomebodyElsesIsLeftAlone() {
    assertThat(read("TEST_MODE", "mock_adapter").testMode()).isEqualTo("mock_adapter");
    assertThat(read("TEST_MODE", "verbose").testMode()).isEmpty();
    assertThat(read("TEST_MODE", "mock_adapter", "serpentry.test-mode", "full_integration"))
        .extracting(ApplicationConfig::testMode)
        .isEqualTo("full_integration");
  }

  @Test
  void theSingleWorkerIsSpawnedAloneAndWithoutWhatMightKeepItFromStarting() {
    PoolConfig pool =
        read(
                "serpentry.pool.default.size", "8",
                "serpentry.pool.default.preload", "heavy",
                "serpentry.pool.default.requirements", "requirements.lock",
                "serpentry.pool.default.operation-timeout", "7s",
                "serpentry.pool.default.fallback", "single")
            .pools()
            .get("default");

    PoolConfig single = SingleWorker.of(pool);

    assertThat(single.size()).isEqualTo(1);
    assertThat(single.maxSize()).isEqualTo(1);
    assertThat(single.startMethod()).isEqualTo(StartMethod.SPAWN);
    assertThat(single.preload()).isEmpty();
    assertThat(single.requirements()).isEmpty();
    assertThat(single.services().fallback()).isEmpty();
    assertThat(single.operationTimeout()).isEqualTo(Duration.ofSeconds(7));
  }
}
