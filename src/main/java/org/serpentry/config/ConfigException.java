// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Settings that cannot be used. The message has one line per problem, each naming the key, its
 * value and what would be accepted; values of secret keys are left out. Fails the start of the
 * pool.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ArrayList<String> problems;

  /**
   * Reports all problems together.
   *
   * @param problems at least one line, each naming key, value and bound
   */
  public ConfigException(List<String> problems) {
    super(text(problems));
    this.problems = new ArrayList<>(problems);
  }

  /** The problems in the order found; never empty, not modifiable. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  private static String text(List<String> problems) {
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("a ConfigException needs at least one problem");
    }
    if (problems.size() == 1) {
      return problems.get(0);
    }
    return problems.size()
        + " problems in the Serpentry settings:\n  "
        + String.join("\n  ", problems);
  }
}
