// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Users for remote JMX with passwords made for one run: {@code operator} may do everything, {@code
 * monitor} may only read. Immutable.
 */
public final class JmxAccess {
  /** The user who may call operations and set attributes. */
  public static final String OPERATOR = "operator";

  /** The user who may only read attributes. */
  public static final String MONITOR = "monitor";

  private final Path passwordFile;
  private final Path accessFile;
  private final String operatorPassword;
  private final String monitorPassword;

  private JmxAccess(
      Path passwordFile, Path accessFile, String operatorPassword, String monitorPassword) {
    this.passwordFile = passwordFile;
    this.accessFile = accessFile;
    this.operatorPassword = operatorPassword;
    this.monitorPassword = monitorPassword;
  }

  /**
   * Writes new password and access files, readable by the owner only, over those of an earlier run.
   *
   * @param directory where to put them; created when missing
   * @throws IOException if a file cannot be written or the file system knows no owner permissions,
   *     which the JVM's JMX agent insists on
   */
  public static JmxAccess create(Path directory) throws IOException {
    Files.createDirectories(directory);
    String operatorPassword = newPassword();
    String monitorPassword = newPassword();
    Path passwordFile = directory.resolve("jmxremote.password");
    Path accessFile = directory.resolve("jmxremote.access");
    writePrivately(
        passwordFile, List.of(OPERATOR + " " + operatorPassword, MONITOR + " " + monitorPassword));
    writePrivately(accessFile, List.of(OPERATOR + " readwrite", MONITOR + " readonly"));
    return new JmxAccess(passwordFile, accessFile, operatorPassword, monitorPassword);
  }

  /** The file with the users' passwords. */
  public Path passwordFile() {
    return passwordFile;
  }

  /** The password of {@link #OPERATOR}. */
  public String operatorPassword() {
    return operatorPassword;
  }

  /**
   * JVM options that open remote JMX on one loopback port. Without TLS, hence never on another
   * address.
   *
   * @param port the one TCP port for both registry and connections
   */
  public List<String> jvmOptions(int port) {
    return List.of(
        "-Dcom.sun.management.jmxremote.port=" + port,
        "-Dcom.sun.management.jmxremote.rmi.port=" + port,
        "-Dcom.sun.management.jmxremote.host=127.0.0.1",
        "-Djava.rmi.server.hostname=127.0.0.1",
        "-Dcom.sun.management.jmxremote.ssl=false",
        "-Dcom.sun.management.jmxremote.password.file=" + passwordFile,
        "-Dcom.sun.management.jmxremote.access.file=" + accessFile,
        // Else the JVM replaces the passwords in the file by hashes, and nobody could look them up.
        "-Dcom.sun.management.jmxremote.password.toHashes=false");
  }

  /**
   * Makes the files for the integration tests, and gives WildFly's management the same users, in
   * the groups of {@code deploy/wildfly/rbac.cli}.
   *
   * @param args the directory for the files, and that of WildFly's configuration
   */
  public static void main(String[] args) throws IOException {
    JmxAccess access = create(Path.of(args[0]));
    access.addToManagementRealm(Path.of(args[1]));
  }

  private void addToManagementRealm(Path configuration) throws IOException {
    Path users = configuration.resolve("mgmt-users.properties");
    Path groups = configuration.resolve("mgmt-groups.properties");
    for (Map.Entry<String, String> user :
        Map.of(OPERATOR, operatorPassword, MONITOR, monitorPassword).entrySet()) {
      String name = user.getKey();
      set(users, name, md5(name + ":ManagementRealm:" + user.getValue()));
      set(groups, name, "serpentry-" + name);
    }
  }

  private static void set(Path properties, String name, String value) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(properties, UTF_8));
    lines.removeIf(line -> line.startsWith(name + "="));
    lines.add(name + "=" + value);
    Files.write(properties, lines, UTF_8);
  }

  /** WildFly's own format for this file, as its {@code add-user} writes it. */
  static String md5(String text) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no MD5, which WildFly's user file needs", e);
    }
  }

  static String newPassword() {
    byte[] bytes = new byte[18];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static void writePrivately(Path file, List<String> lines) throws IOException {
    Files.deleteIfExists(file);
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (var channel =
        Files.newByteChannel(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
      channel.write(UTF_8.encode(String.join("\n", lines) + "\n"));
    }
  }
}
