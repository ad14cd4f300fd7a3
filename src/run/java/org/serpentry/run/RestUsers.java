// SPDX-License-Identifier: Apache-2.0
package org.serpentry.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes three users, with passwords for one build, known to both servers of the integration tests:
 * {@link #CALLER} has the role that REST asks for, {@link #WATCHER} the one that sees the status
 * page and the metrics, {@link #STRANGER} a third one.
 */
public final class RestUsers {
  /** The user who may call functions. */
  public static final String CALLER = "caller";

  /** The user who may look at the status page and the metrics where {@link #WATCHERS_ROLE} may. */
  public static final String WATCHER = "watcher";

  /** A user who may do neither. */
  public static final String STRANGER = "stranger";

  /** The group, hence role, of {@link #WATCHER}, for {@code serpentry.rest.monitor-role}. */
  public static final String WATCHERS_ROLE = "serpentry-watcher";

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
    Map<String, String> roles =
        Map.of(CALLER, CALLERS_ROLE, WATCHER, WATCHERS_ROLE, STRANGER, OTHER_ROLE);
    List<String> passwords = new ArrayList<>();
    List<String> payaraCommands = new ArrayList<>();
    List<String> wildflyUsers = new ArrayList<>();
    List<String> wildflyRoles = new ArrayList<>();
    for (Map.Entry<String, String> user : roles.entrySet()) {
      String name = user.getKey();
      String password = JmxAccess.newPassword();
      passwords.add(name + " " + password);
      payaraCommands.add(payara(directory, name, password, user.getValue()));
      wildflyUsers.add(wildfly(name, password));
      wildflyRoles.add(name + "=" + user.getValue());
    }
    JmxAccess.writePrivately(directory.resolve(PASSWORDS), passwords);
    JmxAccess.writePrivately(directory.resolve("payara-users.txt"), payaraCommands);
    JmxAccess.writePrivately(wildfly.resolve("application-users.properties"), wildflyUsers);
    JmxAccess.writePrivately(wildfly.resolve("application-roles.properties"), wildflyRoles);
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
