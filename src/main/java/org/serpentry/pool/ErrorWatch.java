// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.serpentry.config.ResilienceConfig;
import org.serpentry.recovery.ErrorRates;
import org.serpentry.recovery.ErrorRates.Counts;
import org.serpentry.spi.ErrorAlert;
import org.serpentry.spi.ErrorAlert.Kind;

/**
 * Looks at how a pool's calls end, a few times within {@code error-alert-window}, and tells when
 * too many fail. It reads the counters that there are. The looks run on the reactor, everything
 * else on any thread.
 */
final class ErrorWatch {

  private static final int LOOKS = 12;
  private static final int KEPT = 100;

  private final PoolContext context;
  private final Announcer announcer;
  private final CallCounters counters;
  private final Circuits circuits;
  private final ResilienceConfig config;
  private final ReentrantLock lock = new ReentrantLock();
  private final ErrorRates rates;
  private final Deque<ErrorAlert> alerts = new ArrayDeque<>();
  private Counts base = new Counts(0, 0);

  ErrorWatch(PoolContext context, Announcer announcer, CallCounters counters, Circuits circuits) {
    this.context = context;
    this.announcer = announcer;
    this.counters = counters;
    this.circuits = circuits;
    this.config = context.config().resilience();
    this.rates =
        new ErrorRates(
            new ErrorRates.Limits(
                config.errorAlertRate(),
                config.errorAlertWindow(),
                config.errorAlertMinimum(),
                config.errorAlertCircuits(),
                config.errorAlertCooldown()));
  }

  /** Begins to look, where that is wanted. Called on the reactor. */
  void start() {
    if (config.errorAlerts()) {
      look();
    }
  }

  private void look() {
    Duration pause = config.errorAlertWindow().dividedBy(LOOKS);
    context.reactor().schedule(pause.toNanos(), TimeUnit.NANOSECONDS, this::look);
    List<Kind> due;
    lock.lock();
    try {
      due = rates.look(context.nanoTime().getAsLong(), counts(), circuits.open());
    } finally {
      lock.unlock();
    }
    due.forEach(this::alert);
  }

  private Counts counts() {
    PoolSnapshot.Calls calls = counters.snapshot();
    long failures =
        calls.pythonErrors()
            + calls.workerFailures()
            + calls.timedOut()
            + calls.checkoutTimeouts()
            + calls.rejected()
            + circuits.refused();
    return new Counts(calls.succeeded() + calls.cancelled() + failures, failures);
  }

  /** Tells an alert, and keeps it. Called on the reactor. */
  void alert(Kind kind) {
    ErrorAlert alert;
    lock.lock();
    try {
      Counts recent = rates.recent();
      int open = circuits.open();
      String text =
          switch (kind) {
            case RATE ->
                "%d of %d calls failed within %s, more than %d percent"
                    .formatted(
                        recent.failures(),
                        recent.calls(),
                        config.errorAlertWindow(),
                        config.errorAlertRate());
            case CIRCUITS -> open + " circuits do not let all calls pass";
            case TEST -> "this is a test of the pool's alerts";
          };
      alert =
          new ErrorAlert(
              context.config().name(),
              kind,
              context.clock().instant(),
              recent.calls(),
              recent.failures(),
              open,
              text);
      if (alerts.size() == KEPT) {
        alerts.removeLast();
      }
      alerts.addFirst(alert);
    } finally {
      lock.unlock();
    }
    announcer.tell(l -> l.onErrorAlert(alert));
    announcer.warn("error alert: " + alert.text());
  }

  /** The last alerts, newest first. */
  List<ErrorAlert> alerts() {
    lock.lock();
    try {
      return List.copyOf(alerts);
    } finally {
      lock.unlock();
    }
  }

  /** Calls and failures since the start or the last reset. */
  Counts total() {
    lock.lock();
    try {
      Counts now = counts();
      return new Counts(now.calls() - base.calls(), now.failures() - base.failures());
    } finally {
      lock.unlock();
    }
  }

  /** Calls and failures within the window; zero when nobody looks. */
  Counts recent() {
    lock.lock();
    try {
      return rates.recent();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets what has been counted, and the alerts. */
  void reset() {
    lock.lock();
    try {
      base = counts();
      rates.reset();
      alerts.clear();
    } finally {
      lock.unlock();
    }
  }
}
