// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.config.ConfigException;
import org.serpentry.config.PoolConfig;
import org.serpentry.ee.guard.GuardClasses;

@Tag("layer-1")
class GuardSettingsTest {
  private static final String OWN = "org.serpentry.ee.guard.Ml/callAsync/";

  private final PoolConfig pool =
      PoolConfig.builder("ml").size(2).maxSize(3).queueCapacity(10).build();

  @Test
  void withoutOverridesThePoolsNumbersHold() {
    GuardSettings settings = GuardSettings.ofCallAsync(config(Map.of()), pool);

    assertThat(settings.timeoutEnabled()).isTrue();
    assertThat(settings.timeout()).isNull();
    assertThat(settings.callers()).isEqualTo(13);
    assertThat(settings.maxRetries()).isEqualTo(pool.maxRetries());
    assertThat(settings.breaker())
        .isEqualTo(new CircuitBreaker.Settings(20, 0.5, Duration.ofSeconds(5), 1));
    assertThat(GuardSettings.ofCall(config(Map.of()), pool).timeout())
        .isEqualTo(GuardClasses.timeout(pool));
  }

  @Test
  void aPoolsOwnKeyGoesBeforeTheOneForAll() {
    GuardSettings settings =
        GuardSettings.ofCallAsync(
            config(
                Map.of(
                    "Timeout/value",
                    "1",
                    OWN + "Timeout/value",
                    "7",
                    OWN + "Timeout/unit",
                    "SECONDS",
                    "Bulkhead/value",
                    "4",
                    OWN + "CircuitBreaker/failureRatio",
                    "0.25")),
            pool);

    assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(7));
    assertThat(settings.callers()).isEqualTo(4);
    assertThat(settings.breaker().failureRatio()).isEqualTo(0.25);
  }

  @Test
  void eachPartCanBeTurnedOff() {
    GuardSettings settings =
        GuardSettings.ofCallAsync(
            config(
                Map.of(
                    OWN + "Timeout/enabled",
                    "false",
                    "org.serpentry.ee.guard.Ml/Retry/enabled",
                    "false",
                    "Bulkhead/enabled",
                    "false",
                    OWN + "CircuitBreaker/enabled",
                    "false")),
            pool);

    assertThat(settings.timeoutEnabled()).isFalse();
    assertThat(settings.maxRetries()).isZero();
    assertThat(settings.callers()).isEqualTo(Integer.MAX_VALUE);
    assertThat(settings.breaker()).isNull();
  }

  @Test
  void aTimeoutTooLongToCountIsACentury() {
    Config config =
        config(
            Map.of(
                OWN + "Timeout/value",
                Long.toString(Long.MAX_VALUE),
                OWN + "Timeout/unit",
                "DAYS"));

    assertThat(GuardSettings.ofCallAsync(config, pool).timeout())
        .isBetween(Duration.ofDays(36_500), Duration.ofDays(36_530));
  }

  @Test
  void aKeyThatNothingObeysIsRefused() {
    Config config = config(Map.of(OWN + "Bulkhead/waitingTaskQueue", "5"));

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> GuardSettings.ofCallAsync(config, pool))
        .withMessageContaining(OWN + "Bulkhead/waitingTaskQueue");
  }

  @Test
  void aValueOutOfBoundsOrOfAnotherTypeIsRefusedWithItsKey() {
    for (String value : new String[] {"0", "many"}) {
      Config config = config(Map.of(OWN + "Bulkhead/value", value));

      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> GuardSettings.ofCallAsync(config, pool))
          .withMessageContaining(OWN + "Bulkhead/value");
    }
  }

  /** As much of MicroProfile Config as is asked for. */
  private static Config config(Map<String, String> values) {
    return (Config)
        Proxy.newProxyInstance(
            GuardSettingsTest.class.getClassLoader(),
            new Class<?>[] {Config.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getPropertyNames" -> values.keySet();
                  case "getOptionalValue" ->
                      convert(values.get((String) arguments[0]), (Class<?>) arguments[1]);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private static Optional<?> convert(String text, Class<?> type) throws Exception {
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(type.getMethod("valueOf", String.class).invoke(null, text));
    } catch (java.lang.reflect.InvocationTargetException e) {
      throw new IllegalArgumentException(e.getCause());
    }
  }
}
