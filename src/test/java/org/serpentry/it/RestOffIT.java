// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.serpentry.management.PoolSettingsMXBean;
import org.serpentry.management.PythonPoolMXBean;
import org.serpentry.run.RestUsers;

/** An application that says nothing of REST, and lets nobody operate it. */
@Tag("layer-3")
@ExtendWith(ArquillianExtension.class)
class RestOffIT {
  private static final RestCalls REST = new RestCalls("rest-off");

  @Deployment(testable = false)
  static WebArchive war() {
    return PoolWars.main(
        "rest-off.war",
        Map.of(
            "serpentry.rest.functions", "faulty:echo",
            "mp.config.profile", "development",
            "serpentry.management.operations", "none",
            "serpentry.pool.default.start", "lazy"));
  }

  @Test
  void nothingIsThereForAnybody() {
    for (String path : List.of("faulty/echo", "no/such", "serpentry/ping")) {
      assertThat(REST.send(REST.post(path, "{}")).statusCode()).isEqualTo(404);
      assertThat(REST.send(REST.postAsCaller(path, "{}")).statusCode()).isEqualTo(404);
      assertThat(REST.send(REST.post(path, "{}").GET()).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void nothingIsToBeSeenForAnybody() {
    for (String path : List.of("status", "status/events", "metrics")) {
      assertThat(REST.send(REST.get(path)).statusCode()).as(path).isEqualTo(404);
      assertThat(REST.send(REST.getAs(RestUsers.CALLER, path)).statusCode())
          .as(path)
          .isEqualTo(404);
    }
  }

  @Test
  void anOperatorSeesEverythingAndOperatesNothing() throws Exception {
    try (Console console = new Console("rest-off", ServerUnderTest.OPERATOR)) {
      PythonPoolMXBean pool = console.pool("default");
      PoolSettingsMXBean settings = console.settings("default");
      for (ThrowingCallable operation :
          List.<ThrowingCallable>of(
              () -> pool.resize(2),
              pool::resume,
              pool::selfTest,
              pool::dumpPythonStacks,
              () -> settings.setSize("2"),
              () -> settings.change("size", "2"),
              () -> console.circuits("default").resetCircuits())) {
        assertThatThrownBy(operation)
            .isInstanceOf(SecurityException.class)
            .hasMessageContaining("serpentry.management.operations=none");
      }
      assertThat(pool.getSize()).isEqualTo(1);
      assertThat(settings.exportSettings()).isEmpty();
    }
  }
}
