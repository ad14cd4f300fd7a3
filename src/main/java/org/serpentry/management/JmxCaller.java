// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.Principal;
import java.util.stream.Collectors;
import javax.security.auth.Subject;

/** Finds out who operates a bean, on the thread of the operation. */
final class JmxCaller {

  private static final Logger LOG = System.getLogger(JmxCaller.class.getName());
  private static final int FIRST_WITH_CURRENT = 18;

  private JmxCaller() {}

  /**
   * The names of the caller's principals, where the server tells them.
   *
   * @return the names, or {@code unknown (thread …)}
   */
  static String name() {
    Subject subject = subject();
    String names =
        subject == null
            ? ""
            : subject.getPrincipals().stream()
                .map(Principal::getName)
                .distinct()
                .collect(Collectors.joining(", "));
    return names.isEmpty() ? "unknown (thread " + Thread.currentThread().getName() + ")" : names;
  }

  /** By reflection, since the one way came with Java 18 and the other went with Java 24. */
  private static Subject subject() {
    try {
      if (Runtime.version().feature() >= FIRST_WITH_CURRENT) {
        return (Subject) Subject.class.getMethod("current").invoke(null);
      }
      Class<?> controller = Class.forName("java.security.AccessController");
      Object context = controller.getMethod("getContext").invoke(null);
      return (Subject)
          Subject.class
              .getMethod("getSubject", Class.forName("java.security.AccessControlContext"))
              .invoke(null, context);
    } catch (ReflectiveOperationException e) {
      LOG.log(Level.DEBUG, "The server does not tell who operates a bean", e);
      return null;
    }
  }
}
