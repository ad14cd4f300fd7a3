// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.serpentry.management.PythonPoolMXBean;

/**
 * The development profile asks for no role on loopback, and for it everywhere else. Its operators
 * may do what is safe.
 */
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
            "serpentry.management.operations", "safe",
            "serpentry.rest.enabled", "true",
            "serpentry.rest.functions", "faulty:add"));
  }

  @Test
  void aProgramOnThisMachineCallsWithoutCredentials() throws IOException {
    assertThat(REST.send(REST.post("faulty/add", "[1, 2]")).body()).isEqualTo("3");
    assertThat(REST.statusWithHost("faulty/add", "[1, 2]", "localhost")).isEqualTo(200);
  }

  @Test
  void anOperatorDoesWhatHarmsNoCallAndNothingElse() throws Exception {
    try (Console console = new Console("rest-development", ServerUnderTest.OPERATOR)) {
      PythonPoolMXBean pool = console.pool("default");
      for (ThrowingCallable operation :
          List.<ThrowingCallable>of(
              pool::suspend,
              () -> pool.killWorker(0),
              () -> pool.drainWorker(0),
              () -> console.settings("default").setSize("2"),
              () -> console.circuits("default").blockFunction("faulty:add"))) {
        assertThatThrownBy(operation)
            .isInstanceOf(SecurityException.class)
            .hasMessageContaining("serpentry.management.operations=safe");
      }
      assertThat(console.end("default", pool.selfTest())).startsWith("DONE");
      pool.resize(2);
      assertThat(pool.getSize()).isEqualTo(2);
      pool.resize(1);
    }
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
