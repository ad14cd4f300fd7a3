// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.inject.Inject;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import javax.management.ObjectName;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What every other integration test relies on. */
@Tag("layer-3")
@ExtendWith(ArquillianExtension.class)
class ServerIT {
  @Inject RetriedBean retried;

  @Deployment
  static WebArchive war() {
    return ServerUnderTest.war("server-it.war")
        .addClasses(RetriedBean.class, ServerUnderTest.class);
  }

  @Test
  void aBeanIsInjectedIntoATestInTheContainer() {
    assertThat(retried.server()).isEqualTo(ServerUnderTest.name());
  }

  @Test
  void faultToleranceAnnotationsAreInForce() {
    assertThat(retried.succeedsAtTheThirdAttempt()).isEqualTo(3);
  }

  @Test
  @RunAsClient
  void healthAnswersWhereTheSettingsSay() throws Exception {
    var request = HttpRequest.newBuilder(ServerUnderTest.healthUri()).build();

    var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());

    assertThat(response.body()).contains("\"status\"");
  }

  @Test
  @RunAsClient
  void jmxAnswersTheOperatorsPassword() throws Exception {
    try (var connector = ServerUnderTest.connectJmx(ServerUnderTest.OPERATOR)) {
      Object properties =
          connector
              .getMBeanServerConnection()
              .getAttribute(new ObjectName("java.lang:type=Runtime"), "InputArguments");

      assertThat((String[]) properties).contains("-Ditest.server=" + ServerUnderTest.name());
    }
  }

  @Test
  @RunAsClient
  void nothingListensBeyondLoopback() throws Exception {
    for (InetAddress address : addressesBeyondLoopback()) {
      for (int port : List.of(ServerUnderTest.httpUri().getPort(), jmxPort())) {
        assertThatThrownBy(() -> connect(address, port))
            .as("%s port %d", address, port)
            .isInstanceOf(ConnectException.class);
      }
    }
  }

  private static int jmxPort() {
    String url = System.getProperty("itest.jmx.url");
    return Integer.parseInt(url.replaceFirst(".*127\\.0\\.0\\.1:(\\d+).*", "$1"));
  }

  private static List<InetAddress> addressesBeyondLoopback() throws Exception {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> !address.isLoopbackAddress())
        .toList();
  }

  private static void connect(InetAddress address, int port) throws Exception {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 2000);
    }
  }
}
