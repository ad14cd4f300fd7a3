// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Another application with the classes jar, a bean and a Python module, on the same server. */
@Tag("layer-2")
@ExtendWith(ArquillianExtension.class)
class SecondWarIT {

  @Deployment(testable = false)
  static WebArchive war() {
    return PoolWars.greeting("second-it.war");
  }

  @Test
  @RunAsClient
  void aPoolIsInjectedWhereOnlyTheClassesJarIs() throws Exception {
    URI address = ServerUnderTest.httpUri().resolve("/second-it/api/greeting");

    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());

    assertThat(response.body()).isEqualTo("Hello, Ada");
  }
}
