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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.serpentry.config.ConfigException;
import org.serpentry.config.PoolConfig;
import org.serpentry.ee.guard.GuardClasses;

@Tag("layer-1")
class GuardSettingsTest {
  private static final String GUARD = "org.serpentry.ee.guard.Ml/";
  private static final String OWN = GUARD + "callAsync/";

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
  }

  @Test
  void aCallHasNoTimeoutUnlessTheConfigurationAsksForOne() {
    assertThat(ofCall(Map.of()).timeoutEnabled()).isFalse();
    assertThat(ofCall(Map.of()).timeout()).isNull();
    for (String other : new String[] {"callAsync/Timeout/value", "call/Bulkhead/value"}) {
      assertThat(ofCall(Map.of(GUARD + other, "7")).timeoutEnabled()).as(other).isFalse();
    }
    assertThat(ofCall(Map.of("org.serpentry.ee.guard.Other/call/Timeout/value", "7")).timeout())
        .isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "org.serpentry.ee.guard.Ml/call/Timeout/value, 7, PT0.007S",
    "Timeout/value, 8, PT0.008S",
    "org.serpentry.ee.guard.Ml/call/Timeout/enabled, true,",
    "org.serpentry.ee.guard.Ml/Timeout/enabled, true,",
    "Timeout/enabled, true,",
    "org.serpentry.ee.guard.Ml/call/Timeout/unit, MILLIS,",
    "Timeout/unit, MILLIS,",
  })
  void anyKeyOfTheTimeoutTurnsItOn(String key, String value, Duration expected) {
    GuardSettings settings = ofCall(Map.of(key, value));

    assertThat(settings.timeoutEnabled()).isTrue();
    assertThat(settings.timeout())
        .isEqualTo(expected == null ? GuardClasses.timeout(pool) : expected);
  }

  @Test
  void aUnitAloneIsThatOfThePoolsNumber() {
    assertThat(ofCall(Map.of(GUARD + "call/Timeout/unit", "SECONDS")).timeout())
        .isEqualTo(Duration.ofSeconds(GuardClasses.timeout(pool).toMillis()));
  }

  @Test
  void theSwitchOfTheTimeoutGoesBeforeItsValueAndTheNearerSwitchBeforeTheFarther() {
    String value = GUARD + "call/Timeout/value";
    String own = GUARD + "call/Timeout/enabled";
    String ofClass = GUARD + "Timeout/enabled";
    String general = "Timeout/enabled";

    assertThat(ofCall(Map.of(value, "7", general, "false")).timeoutEnabled()).isFalse();
    assertThat(ofCall(Map.of(value, "7", ofClass, "true", general, "false")).timeout())
        .isEqualTo(Duration.ofMillis(7));
    assertThat(ofCall(Map.of(own, "false", ofClass, "true")).timeout()).isNull();
    assertThat(ofCall(Map.of(own, "true", ofClass, "false")).timeout())
        .isEqualTo(GuardClasses.timeout(pool));
  }

  @Test
  void aValueForTheClassIsRefusedSinceNoServerWouldHaveToObeyIt() {
    for (String parameter : new String[] {"value", "unit"}) {
      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> ofCall(Map.of(GUARD + "Timeout/" + parameter, "SECONDS")))
          .withMessageContaining(GUARD + "Timeout/" + parameter)
          .withMessageContaining("set " + GUARD + "call/Timeout/" + parameter);
    }
  }

  private GuardSettings ofCall(Map<String, String> values) {
    return GuardSettings.ofCall(config(values), pool);
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
    if (text == null || type == String.class) {
      return Optional.ofNullable(text);
    }
    try {
      return Optional.of(type.getMethod("valueOf", String.class).invoke(null, text));
    } catch (java.lang.reflect.InvocationTargetException e) {
      throw new IllegalArgumentException(e.getCause());
    }
  }
}
