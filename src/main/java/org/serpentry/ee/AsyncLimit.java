// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.time.Duration;
import org.serpentry.config.PoolConfig;
import org.serpentry.ee.guard.GuardClasses;
import org.serpentry.pool.CallRequest;

/** How long an asynchronous call can take by all that it may do. */
final class AsyncLimit {

  private static final Duration CENTURY = Duration.ofDays(36_525);

  private AsyncLimit() {}

  /**
   * The time in which a call has ended that keeps its own limits: for all attempts together a wait
   * for a worker and one operation timeout, or its budget when that is shorter, and a margin.
   *
   * @param request the call
   * @param config the pool's
   * @return at most a century
   */
  static Duration of(CallRequest request, PoolConfig config) {
    long all = ofAll(request, config).plus(GuardClasses.MARGIN).toMillis();
    return Duration.ofMillis(Math.min(all, CENTURY.toMillis()));
  }

  /** The same without the margin. */
  static Duration ofAll(CallRequest request, PoolConfig config) {
    long all = millis(checkout(request, config)) + millis(operation(request, config));
    Duration budget =
        request.budget() != null ? request.budget() : config.resilience().timeoutBudget();
    long own = budget.isZero() ? all : Math.min(all, millis(budget));
    return Duration.ofMillis(Math.min(own, CENTURY.toMillis()));
  }

  /**
   * Whether a call asks for more time than its pool gives, and more than a guard's timeout allows.
   *
   * @param request the call
   * @param config the pool's
   * @param timeout the guard's, or null
   * @return whether the guard would end it before its own limits do
   */
  static boolean exceeds(CallRequest request, PoolConfig config, Duration timeout) {
    if (timeout == null || (request.timeout() == null && request.checkoutTimeout() == null)) {
      return false;
    }
    long checkout = millis(checkout(request, config));
    long operation = millis(operation(request, config));
    boolean asksForMore =
        checkout > millis(config.checkoutTimeout())
            || operation > millis(config.operationTimeout());
    return asksForMore && checkout + operation > millis(timeout);
  }

  private static Duration checkout(CallRequest request, PoolConfig config) {
    return request.checkoutTimeout() != null ? request.checkoutTimeout() : config.checkoutTimeout();
  }

  private static Duration operation(CallRequest request, PoolConfig config) {
    return request.timeout() != null ? request.timeout() : config.operationTimeout();
  }

  private static long millis(Duration duration) {
    return duration.compareTo(CENTURY) < 0 ? duration.toMillis() : CENTURY.toMillis();
  }
}
