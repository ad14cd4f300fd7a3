// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.time.Duration;
import java.util.Map;

/**
 * What is done about a worker that has failed, and when. Immutable.
 *
 * @param action what
 * @param delay how much later: to the next probe of a degraded worker, or to the start of another
 *     one; zero for at once
 * @param metadata {@code reason}, the name of the rule that decided, and what it went by
 */
public record RecoveryDecision(
    RecoveryAction action, Duration delay, Map<String, String> metadata) {

  /** Copies the metadata. */
  public RecoveryDecision {
    metadata = Map.copyOf(metadata);
  }

  /**
   * The rule that decided.
   *
   * @return for example {@code health_check_limit}
   */
  public String reason() {
    return metadata.getOrDefault("reason", "");
  }
}
