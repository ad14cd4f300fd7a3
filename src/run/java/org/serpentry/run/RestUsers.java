// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes two users, with passwords for one build, known to both servers of the integration tests:
 * {@link #CALLER} has the role that REST asks for, {@link #STRANGER} has another one.
 */
public final class RestUsers {
  /** The user who may call functions. */
  public static final String CALLER = "caller";

  /** A user who may not. */
  public static final String STRANGER = "stranger";

  /** The password file's name in the directory given to {@link #main}. */
  public static final String PASSWORDS = "rest.password";

  private static final String CALLERS_ROLE = "serpentry-caller";
  private static final String OTHER_ROLE = "reader";

  private RestUsers() {}

  /**
   * Writes the password file, Payara Micro's commands that make the users, and WildFly's files of
   * application users.
   *
   * @param args a directory for the first two, and WildFly's configuration directory
   */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    Path wildfly = Path.of(args[1]);
    String callers = JmxAccess.newPassword();
    String strangers = JmxAccess.newPassword();
    JmxAccess.writePrivately(
        directory.resolve(PASSWORDS), List.of(CALLER + " " + callers, STRANGER + " " + strangers));
    JmxAccess.writePrivately(
        directory.resolve("payara-users.txt"),
        List.of(
            payara(directory, CALLER, callers, CALLERS_ROLE),
            payara(directory, STRANGER, strangers, OTHER_ROLE)));
    JmxAccess.writePrivately(
        wildfly.resolve("application-users.properties"),
        List.of(wildfly(CALLER, callers), wildfly(STRANGER, strangers)));
    JmxAccess.writePrivately(
        wildfly.resolve("application-roles.properties"),
        List.of(CALLER + "=" + CALLERS_ROLE, STRANGER + "=" + OTHER_ROLE));
  }

  private static String payara(Path directory, String user, String password, String group)
      throws IOException {
    Path file = directory.resolve("payara-" + user + ".password");
    JmxAccess.writePrivately(file, List.of("AS_ADMIN_USERPASSWORD=" + password));
    return "create-file-user --groups " + group + " --passwordfile " + file + " " + user;
  }

  private static String wildfly(String user, String password) {
    return user + "=" + JmxAccess.md5(user + ":ApplicationRealm:" + password);
  }
}
