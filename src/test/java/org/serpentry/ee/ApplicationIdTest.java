// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("layer-1")
class ApplicationIdTest {

  @ParameterizedTest
  @CsvSource({
    "shop, shop",
    "shop-1.4.2, shop",
    "shop-1.4-SNAPSHOT, shop",
    "shop-v2.0, shop",
    "shop##7, shop",
    "shop:2, shop",
    "area-51, area-51",
    "my-shop-1.0.Final, my-shop",
    "-1.0, -1.0"
  })
  void aReleaseDoesNotChangeTheApplicationsName(String deployed, String name) {
    ApplicationId id = ApplicationId.of(deployed, deployed);

    assertThat(id).isEqualTo(new ApplicationId(name, deployed, ""));
  }

  @Test
  void insideAnEarTheModuleIsNamedToo() {
    assertThat(ApplicationId.of("shop-1.4", "web-1.4"))
        .isEqualTo(new ApplicationId("shop", "web-1.4", "web"));
  }
}
