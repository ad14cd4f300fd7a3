// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.assertj.core.api.Assertions;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.serpentry.run.RestUsers;

/**
 * The server that this run of the integration tests drives: which one it is, where it listens, how
 * to manage it, and the WAR to deploy. The settings come from Failsafe as system properties that
 * begin with {@code itest.}; inside the container only {@link #name} and {@link #httpUri} are set.
 */
public final class ServerUnderTest {
  /** The user who may do everything over JMX, and the one who may only read. */
  public static final String OPERATOR = "operator";

  /** See {@link #OPERATOR}. */
  public static final String MONITOR = "monitor";

  private ServerUnderTest() {}

  /** {@code wildfly} or {@code payara}. Set on both sides. */
  public static String name() {
    return setting("itest.server");
  }

  /**
   * The WAR as Maven built it, with AssertJ added for tests that run in the container.
   *
   * @param name its file name, of which both servers make the context root
   */
  public static WebArchive war(String name) {
    return ShrinkWrap.create(ZipImporter.class, name)
        .importFrom(Path.of(setting("itest.war")).toFile())
        .as(WebArchive.class)
        .addAsLibrary(assertj());
  }

  /** An empty WAR that holds only the classes jar and AssertJ, as another application would. */
  public static WebArchive warWithClassesJar(String name) {
    return ShrinkWrap.create(WebArchive.class, name)
        .addAsLibrary(Path.of(setting("itest.classes.jar")).toFile())
        .addAsLibrary(assertj());
  }

  /** Where applications answer: scheme, host and port. Set on both sides. */
  public static URI httpUri() {
    return URI.create(setting("itest.http.url"));
  }

  /** The root of MicroProfile Health, which WildFly serves on its management port. */
  public static URI healthUri() {
    return URI.create(setting("itest.health.url"));
  }

  /**
   * Connects to the server's MBeans as a remote client with a password.
   *
   * @param user {@link #OPERATOR} or {@link #MONITOR}
   */
  @SuppressWarnings("BanJNDI") // The URL is that of this build's own server on loopback.
  public static JMXConnector connectJmx(String user) throws IOException {
    return JMXConnectorFactory.connect(
        new JMXServiceURL(setting("itest.jmx.url")),
        Map.of(JMXConnector.CREDENTIALS, new String[] {user, password(user)}));
  }

  /** The server's JMX address. */
  static String jmxUrl() {
    return setting("itest.jmx.url");
  }

  /** Lines of user and password, of those who may connect to it. */
  public static Path jmxPasswords() {
    return Path.of(setting("itest.jmx.password.file"));
  }

  /** The jar of the classes, as Maven built it. */
  static Path classesJar() {
    return Path.of(setting("itest.classes.jar")).toAbsolutePath();
  }

  /** The directory of WildFly, where the server is one. */
  public static Optional<Path> wildflyHome() {
    return Optional.ofNullable(System.getProperty("itest.wildfly.home"))
        .map(home -> Path.of(home).toAbsolutePath());
  }

  /** Lines of user and password, of those who may try to call functions over REST. */
  static Path restPasswords() {
    return Path.of(setting("itest.jmx.password.file")).resolveSibling(RestUsers.PASSWORDS);
  }

  private static String password(String user) throws IOException {
    try (var lines = Files.lines(Path.of(setting("itest.jmx.password.file")))) {
      return lines
          .filter(line -> line.startsWith(user + " "))
          .map(line -> line.substring(user.length() + 1))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("no JMX user '" + user + "'"));
    }
  }

  /** OpenTelemetry's API, as an application brings it along. */
  public static java.io.File[] openTelemetry() {
    return new java.io.File[] {
      libraryOf(io.opentelemetry.api.trace.Span.class).toFile(),
      libraryOf(io.opentelemetry.context.Context.class).toFile()
    };
  }

  private static java.io.File assertj() {
    return libraryOf(Assertions.class).toFile();
  }

  private static Path libraryOf(Class<?> type) {
    return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()));
  }

  private static String setting(String key) {
    String value = System.getProperty(key);
    if (value == null) {
      throw new IllegalStateException(
          "system property '" + key + "' is not set; run integration tests by 'mvn verify'");
    }
    return value;
  }
}
