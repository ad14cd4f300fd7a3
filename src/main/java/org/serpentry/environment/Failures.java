// SPDX-License-Identifier: Apache-2.0
package org.serpentry.environment;

import org.serpentry.api.EnvironmentException;
import org.serpentry.api.ErrorContext;

/** Makes the exceptions of one pool. Immutable. */
record Failures(String pool) {

  /**
   * An exception whose text says what is wrong and then what to do.
   *
   * @param code the fine kind in kebab-case, found under {@code code} in the exception's context
   */
  EnvironmentException of(String code, String message, String action, Throwable cause) {
    ErrorContext context = ErrorContext.ofPool(pool).with("code", code);
    return new EnvironmentException(context, (message + " " + action).strip(), cause);
  }

  /** The name of one of the pool's settings, as it is written in the configuration. */
  String key(String name) {
    return "serpentry.pool." + pool + "." + name;
  }
}
