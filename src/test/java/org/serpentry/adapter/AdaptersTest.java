// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.adapter.AdapterChoice.Source;

@Tag("core-pool")
@Tag("layer-1")
class AdaptersTest {

  private final Adapters adapters = Adapters.of(AdaptersTest.class.getClassLoader());

  private static Optional<String> none() {
    return Optional.empty();
  }

  @Test
  void allAreListedWithWhatTheyCanDo() {
    assertThat(adapters.names()).containsExactly("python", "mock", "bridge-mock");
    assertThat(adapters.capabilities().get("python"))
        .isEqualTo(new AdapterCapabilities(3, true, true, false, true, true));
    assertThat(adapters.capabilities().get("mock").supports(1)).isTrue();
    assertThat(adapters.capabilities().get("bridge-mock").supports(2)).isTrue();
    assertThat(adapters.capabilities().get("bridge-mock").supports(3)).isFalse();
  }

  @Test
  void anExplicitChoiceIsHeardBeforeTheTestModeAndThatBeforeTheConfiguration() {
    Optional<String> mock = Optional.of("mock");
    Optional<String> bridge = Optional.of("bridge_mock");
    Optional<String> python = Optional.of("python");

    AdapterChoice explicit = adapters.choose(mock, bridge, python);
    AdapterChoice mode = adapters.choose(none(), bridge, python);
    AdapterChoice configured = adapters.choose(none(), none(), mock);
    AdapterChoice nobody = adapters.choose(none(), none(), none());

    assertThat(explicit.adapter().name()).isEqualTo("mock");
    assertThat(explicit.source()).isEqualTo(Source.EXPLICIT);
    assertThat(mode.adapter().name()).isEqualTo("bridge-mock");
    assertThat(mode.source()).isEqualTo(Source.TEST_MODE);
    assertThat(configured.source()).isEqualTo(Source.CONFIGURATION);
    assertThat(nobody.adapter().name()).isEqualTo("python");
    assertThat(nobody.source()).isEqualTo(Source.DEFAULT);
  }

  @Test
  void anUnknownNameIsRefusedWithTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> adapters.named("moc"))
        .withMessageContaining("python, mock, bridge-mock")
        .withMessageContaining("nearest is mock");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> adapters.choose(none(), Optional.of("mock"), none()))
        .withMessageContaining("full_integration, mock_adapter, bridge_mock");
  }
}
