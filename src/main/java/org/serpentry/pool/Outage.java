// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.function.Supplier;
import org.serpentry.api.PythonPoolException;
import org.serpentry.worker.ExitReport;

/**
 * The time in which no worker serves and none can be started: calls are told the cause at once.
 * Everything runs on the reactor, except {@link #reason} and {@link #served}.
 */
final class Outage {

  private final Crew crew;
  private final Checkout checkout;
  private final Failures failures;
  private volatile String reason = "";
  private volatile boolean served;
  private boolean failed;

  Outage(Crew crew, Checkout checkout, Failures failures) {
    this.crew = crew;
    this.checkout = checkout;
    this.failures = failures;
  }

  /**
   * Whether a worker has ever served: a start that failed and was tried again is one in the end.
   */
  boolean served() {
    return served;
  }

  /** Why no worker can be started, or empty. */
  String reason() {
    return reason;
  }

  /** The template or launcher cannot give workers; the pool answers with the cause until it can. */
  void startFailed(String cause) {
    begin(cause, () -> failures.unavailable(cause));
  }

  /** The breaker lets no worker start. */
  void noneStarts() {
    ExitReport last = crew.restarts().lastDeath();
    begin(
        "the crash breaker is open; the last worker ended by " + last.explain(),
        () -> failures.breakerOpen(last, crew.restarts().remaining()));
  }

  private void begin(String cause, Supplier<PythonPoolException> failure) {
    if (!failed
        && !crew.closing()
        && crew.slots().stream().allMatch(slot -> slot.current() == null)) {
      reason = cause;
      checkout.bar(Checkout.Barrier.FAULT, failure);
      crew.full().completeExceptionally(failure.get());
    }
  }

  /** The supervisor has given the pool up, whatever its workers do. */
  void poolFailed(String why, Supplier<PythonPoolException> failure) {
    failed = true;
    reason = why;
    checkout.bar(Checkout.Barrier.FAULT, failure);
    crew.full().completeExceptionally(failure.get());
  }

  /** It is tried again: what workers there are may serve. */
  void poolRevived() {
    failed = false;
    if (crew.slots().stream().anyMatch(slot -> slot.current() != null)) {
      over();
    }
  }

  /** A worker serves: nothing keeps calls out for want of one. */
  void over() {
    if (!failed) {
      served = true;
    }
    if (!failed && checkout.lift(Checkout.Barrier.FAULT)) {
      reason = "";
      crew.announcer().inform("workers start again");
    }
  }
}
