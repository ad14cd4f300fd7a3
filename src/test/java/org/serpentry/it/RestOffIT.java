// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An application that says nothing of REST. */
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
      assertThat(REST.send(REST.getAsCaller(path)).statusCode()).as(path).isEqualTo(404);
    }
  }
}
