// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.PlatformLoggingMXBean;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.logging.LogManager;
import javax.management.MBeanServerConnection;

/** The server's log, as it takes records of {@code python.faulty} by a {@link DebugServlet}. */
final class ServersLog {
  private static final String LOGGER = "python.faulty";

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI servlet;
  private final PlatformLoggingMXBean levels;

  ServersLog(String application, MBeanServerConnection server) throws IOException {
    this.servlet = ServerUnderTest.httpUri().resolve("/" + application + "/debug");
    this.levels =
        ManagementFactory.newPlatformMXBeanProxy(
            server, LogManager.LOGGING_MXBEAN_NAME, PlatformLoggingMXBean.class);
  }

  /** The levels at which it is given a text that Python logs at DEBUG and then at WARNING. */
  List<String> levelsOf(String text) throws IOException, InterruptedException {
    URI uri = URI.create(servlet + "?text=" + URLEncoder.encode(text, StandardCharsets.UTF_8));
    HttpResponse<String> response =
        http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return List.of(response.body().split(" ", -1));
  }

  /** Sets its own level for the logger, as an operator does; returns the former one. */
  String setLevel(String level) {
    String former = levels.getLoggerLevel(LOGGER);
    levels.setLoggerLevel(LOGGER, level.isEmpty() ? null : level);
    return former;
  }

  /**
   * Its entries of the logger at DEBUG, where there is a file: Payara's goes where Arquillian's
   * goes.
   */
  static Optional<List<String>> debugLines() throws IOException {
    if (ServerUnderTest.wildflyHome().isEmpty()) {
      return Optional.empty();
    }
    Path file = ServerUnderTest.wildflyHome().get().resolve("standalone/log/server.log");
    return Optional.of(
        Files.readAllLines(file).stream()
            .filter(line -> line.contains("DEBUG [" + LOGGER + "]"))
            .toList());
  }
}
