// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The development profile asks for no role on loopback, and for it everywhere else. */
@Tag("layer-3")
@ExtendWith(ArquillianExtension.class)
class RestDevelopmentIT {
  private static final RestCalls REST = new RestCalls("rest-development");

  @Deployment(testable = false)
  static WebArchive war() {
    return PoolWars.main(
        "rest-development.war",
        Map.of(
            "mp.config.profile", "development",
            "serpentry.rest.enabled", "true",
            "serpentry.rest.functions", "faulty:add"));
  }

  @Test
  void aProgramOnThisMachineCallsWithoutCredentials() throws IOException {
    assertThat(REST.send(REST.post("faulty/add", "[1, 2]")).body()).isEqualTo("3");
    assertThat(REST.statusWithHost("faulty/add", "[1, 2]", "localhost")).isEqualTo(200);
  }

  @Test
  void onlyWhatIsListedIsThere() {
    assertThat(REST.send(REST.post("faulty/echo", "{}")).statusCode()).isEqualTo(404);
  }

  @Test
  void aCallThroughAProxyNeedsTheRole() {
    for (String header : List.of("X-Forwarded-For", "Forwarded", "X-Real-IP")) {
      assertThat(
              REST.send(REST.post("faulty/add", "[1, 2]").header(header, "127.0.0.1")).statusCode())
          .as(header)
          .isEqualTo(401);
    }
  }

  @Test
  void aPageOfAnotherSiteNeedsTheRole() throws IOException {
    assertThat(REST.statusWithHost("faulty/add", "[1, 2]", "rebound.example.org")).isEqualTo(401);
    assertThat(
            REST.send(REST.post("faulty/add", "[1, 2]").header("Origin", "https://example.org"))
                .statusCode())
        .isEqualTo(401);
  }
}
