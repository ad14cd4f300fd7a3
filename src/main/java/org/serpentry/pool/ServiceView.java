// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Instant;
import java.util.Map;
import org.serpentry.api.Service;

/**
 * What answers a pool's calls, and how it came to that.
 *
 * @param service what answers calls that come now
 * @param reason why it is not the pool, or empty
 * @param since when it began to, or null when that has always been so
 * @param falls how often a step gave way to one below it
 * @param returns how often a step above took over again
 * @param answered how many calls each of the fallbacks has answered
 */
public record ServiceView(
    Service service,
    String reason,
    Instant since,
    long falls,
    long returns,
    Map<Service, Long> answered) {

  /** Without a history. */
  static ServiceView of(Service service, String reason) {
    return new ServiceView(service, reason, null, 0, 0, Map.of());
  }

  /** A pool that serves and has nothing in its place. */
  public static final ServiceView POOL = of(Service.POOL, "");

  /**
   * Whether something else answers in the pool's place.
   *
   * @return whether it is a single worker or a mock
   */
  public boolean inPlace() {
    return service == Service.SINGLE || service == Service.MOCK;
  }

  /**
   * What answers, and why, for people.
   *
   * @return a few words
   */
  public String describe() {
    return switch (service) {
      case POOL -> "the pool answers";
      case SINGLE -> "a single worker answers in its place: " + reason;
      case MOCK -> "a mock answers in its place, by invented or configured values: " + reason;
      case NONE -> reason.isEmpty() ? "nothing answers" : "nothing answers: " + reason;
    };
  }
}
