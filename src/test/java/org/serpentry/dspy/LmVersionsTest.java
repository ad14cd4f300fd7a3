// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("layer-1")
class LmVersionsTest {

  private final LmVersions models = new LmVersions();

  private LmVersions.Numbered numbered(String model) {
    return models.number(null, LmConfig.model(model).build());
  }

  @Test
  void whatTakesThePlaceOfOthersDoesSoOnlyWhileTheyAreInForce() {
    LmVersions.Numbered configured = numbered("openai/configured");
    models.publish(configured);
    LmVersions.Numbered rotated = numbered("openai/rotated");
    assertThat(models.replace(configured, rotated)).isTrue();
    assertThat(models.of(null)).isEqualTo(rotated);

    LmVersions.Numbered late = numbered("openai/late");
    LmVersions.Numbered byHand = numbered("openai/by-hand");
    models.publish(byHand);
    assertThat(models.replace(rotated, late)).isFalse();
    assertThat(models.of(null)).isEqualTo(byHand);
  }
}
