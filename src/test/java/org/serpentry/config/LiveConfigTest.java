// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class LiveConfigTest {
  private static final Instant NIGHT = Instant.parse("2026-01-02T03:04:05Z");
  private final PoolConfig configured = PoolConfig.builder("ml").size(2).maxSize(5).build();
  private final LiveConfig live = new LiveConfig(configured, Clock.fixed(NIGHT, ZoneOffset.UTC));

  private LiveConfig.Value value(String key) {
    return live.values().stream()
        .filter(each -> each.setting().key().equals(key))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aChangeHoldsFromThenOnAndShowsWhatWasConfigured() {
    live.change("checkout-timeout", "PT7S", "anna");

    assertThat(live.now().checkoutTimeout()).isEqualTo(Duration.ofSeconds(7));
    LiveConfig.Value changed = value("checkout-timeout");
    assertThat(changed.configured()).isEqualTo("45s");
    assertThat(changed.current()).isEqualTo("7s");
    assertThat(changed.changed()).isEqualTo(NIGHT);
    assertThat(changed.by()).isEqualTo("anna");
    assertThat(value("operation-timeout").changed()).isNull();
  }

  @Test
  void aNewSizeKeepsTheRoomForOverflow() {
    live.change("size", "4", "anna");

    assertThat(live.now().size()).isEqualTo(4);
    assertThat(live.now().maxSize()).isEqualTo(7);
    assertThat(value("max-size").changed()).isEqualTo(NIGHT);
    assertThat(value("max-size").by()).isEqualTo("anna");
  }

  @Test
  void aRefusedValueChangesNothingAndNamesItsBound() {
    assertThatThrownBy(() -> live.change("operation-timeout", "0s", "anna"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("operation-timeout=0s")
        .hasMessageContaining("positive");
    assertThatThrownBy(() -> live.change("max-size", "1", "anna"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("max-size=1");
    assertThat(live.now()).isSameAs(configured);
    assertThat(live.export()).isEmpty();
  }

  @Test
  void whatCannotBeChangedAndWhatIsNoSettingAreToldApart() {
    assertThatThrownBy(() -> live.change("start-method", "spawn", "anna"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("cannot be changed while the pool runs");
    assertThatThrownBy(() -> live.change("checkout-timeot", "1s", "anna"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("nearest")
        .hasMessageContaining("checkout-timeout");
  }

  @Test
  void whatIsExportedAndReadAgainIsWhatHolds() throws Exception {
    live.change("size", "3", "anna");
    live.change("max-rss", "512MiB", "anna");
    live.change("idle-timeout", "90s", "anna");
    live.change("recycle-jitter", "0", "anna");
    live.change("slow-call-threshold", "1500ms", "anna");
    Properties properties = new Properties();
    properties.setProperty("serpentry.pools", "ml");
    properties.setProperty("serpentry.pool.ml.size", "2");
    properties.setProperty("serpentry.pool.ml.max-size", "5");

    properties.load(new StringReader(live.export()));
    PoolConfig read = ConfigReader.of(properties).read().pools().get("ml");

    assertThat(read.toString()).isEqualTo(live.now().toString());
    assertThat(read.maxSize()).isEqualTo(6);
    assertThat(read.life().maxRss()).isEqualTo(512L << 20);
  }

  @Test
  void whatWasSetBackIsNotExported() {
    live.change("size", "3", "anna");
    live.change("size", "2", "anna");

    assertThat(live.export()).isEmpty();
    assertThat(value("size").changed()).isEqualTo(NIGHT);
  }
}
