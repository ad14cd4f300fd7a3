// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import javax.management.MBeanException;
import javax.management.MBeanOperationInfo;
import javax.management.ReflectionException;
import org.serpentry.config.OperationPolicy;
import org.serpentry.telemetry.SafeText;

/**
 * Lets operations through to the beans of a pool, or refuses them, as {@code
 * serpentry.management.operations} says, and records each in the log category {@code
 * serpentry.audit} with who asked for it. Any thread may call.
 */
final class Gate {

  private static final int LONGEST = 300;

  private final OperationPolicy policy;
  private final String pool;
  private final Logger audit;

  Gate(OperationPolicy policy, String pool) {
    this(policy, pool, System.getLogger("serpentry.audit"));
  }

  Gate(OperationPolicy policy, String pool, Logger audit) {
    this.policy = policy;
    this.pool = pool;
    this.audit = audit;
  }

  /** An operation of a bean. */
  interface Action<T> {
    T run() throws MBeanException, ReflectionException;
  }

  /**
   * Carries an operation out, or refuses it.
   *
   * @param what the operation with its arguments
   * @param impact its impact, or null for the change of an attribute
   * @throws SecurityException when the policy forbids it
   */
  <T> T pass(String what, Impact impact, Action<T> action)
      throws MBeanException, ReflectionException {
    String who = JmxCaller.name();
    String line = "[" + pool + "] " + clean(what) + " by " + clean(who);
    if (!permits(impact)) {
      String reason =
          "serpentry.management.operations=" + policy.name().toLowerCase(java.util.Locale.ROOT);
      audit.log(Level.WARNING, "{0}: refused by {1}", line, reason);
      throw new SecurityException(what + " is refused by " + reason);
    }
    boolean done = false;
    try {
      T result = action.run();
      done = true;
      return result;
    } finally {
      audit.log(Level.INFO, "{0}: {1}", line, done ? "done" : "failed");
    }
  }

  private boolean permits(Impact impact) {
    if (impact != null && impact.value() == MBeanOperationInfo.INFO) {
      return true;
    }
    return switch (policy) {
      case ALL -> true;
      case SAFE -> impact != null && impact.safe();
      case NONE -> false;
    };
  }

  /** Arguments come from outside, and must not forge a line of the log. */
  private static String clean(String text) {
    String safe = SafeText.withoutCredentials(text);
    return SafeText.line(safe.length() > LONGEST ? safe.substring(0, LONGEST) + "…" : safe);
  }
}
