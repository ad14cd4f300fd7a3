// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The evidence that a request comes from a program on this machine. */
@Tag("layer-1")
class LoopbackTest {
  private static final String HERE = "127.0.0.1";

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.8.8.8", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"})
  void loopbackAddressesAreLoopback(String peer) {
    assertThat(Loopback.isOrigin(Requests.from(peer).header("Host", "localhost:8080").get()))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.1", "128.0.0.1", "1127.0.0.1", "::2", "::ffff:10.0.0.1", "fe80::1"})
  void otherPeersAreNot(String peer) {
    assertThat(Loopback.isOrigin(Requests.from(peer).header("Host", "localhost").get())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LocalHost:8080", "127.0.0.1:8080", "[::1]", "[::1]:8080"})
  void loopbackNamesOfThisHostPass(String host) {
    assertThat(Loopback.isOrigin(Requests.from(HERE).header("Host", host).get())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rebound.example.org",
        "rebound.example.org:8080",
        "127.0.0.1.example.org",
        "localhost.example.org",
        "10.0.0.1:8080",
        "localhost:8080:8080x",
        ""
      })
  void aNameThatSomebodyElseGaveDoesNotPass(String host) {
    assertThat(Loopback.isOrigin(Requests.from(HERE).header("Host", host).get())).isFalse();
  }

  @Test
  void noHostAndTwoHostsDoNotPass() {
    assertThat(Loopback.isOrigin(Requests.from(HERE).get())).isFalse();
    assertThat(
            Loopback.isOrigin(
                Requests.from(HERE).header("Host", "localhost", "rebound.example.org").get()))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Forwarded",
        "X-Forwarded-For",
        "x-forwarded-proto",
        "X-Forwarded-Host",
        "X-Real-IP",
        "Via",
        "X-ProxyUser-Ip",
        "X-Original-Forwarded-For",
        "CF-Connecting-IP"
      })
  void whatAProxyAddsDoesNotPassEvenWhenItNamesLoopback(String header) {
    assertThat(
            Loopback.isOrigin(
                Requests.from(HERE).header("Host", "localhost").header(header, HERE).get()))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://localhost:3000", "http://127.0.0.1", "http://[::1]:8080"})
  void aPageOfThisMachinePasses(String origin) {
    assertThat(Loopback.isOrigin(withOrigin(origin))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://example.org", "null", "http://localhost.example.org", "%"})
  void aForeignPageDoesNotPass(String origin) {
    assertThat(Loopback.isOrigin(withOrigin(origin))).isFalse();
  }

  private static jakarta.servlet.http.HttpServletRequest withOrigin(String origin) {
    return Requests.from(HERE).header("Host", "localhost").header("Origin", origin).get();
  }
}
