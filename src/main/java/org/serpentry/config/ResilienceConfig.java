// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The part of a pool's checked settings that is about failures: retries, time budget, circuits,
 * alerts and supervision. Immutable and safe for use by any thread; {@link PoolConfig#resilience()}
 * gives it.
 */
public final class ResilienceConfig {
  private final Map<Setting<?>, Object> values;

  ResilienceConfig(Map<Setting<?>, Object> values) {
    this.values = values;
  }

  /**
   * How the pauses between the attempts of a call grow, d being retry-delay: immediate (0, d, 2d,
   * 3d), linear (d, 2d, 3d), exponential (d, 2d, 4d), fibonacci (d, d, 2d, 3d, 5d),
   * decorrelated-jitter (between d and three times the last pause) or custom (those of
   * retry-delays). Default: {@code immediate}.
   */
  public RetryBackoff retryBackoff() {
    return ResilienceSettings.RETRY_BACKOFF.in(values);
  }

  /**
   * Pauses of retry-backoff=custom in their order; the last one holds for whatever follows. Empty:
   * retry-delay before each. Default: {@code none}; range: none below zero.
   */
  public List<Duration> retryDelays() {
    return ResilienceSettings.RETRY_DELAYS.in(values);
  }

  /**
   * Longest pause between two attempts, whatever retry-backoff says. Default: {@code 30s}; range:
   * positive.
   */
  public Duration retryDelayMax() {
    return ResilienceSettings.RETRY_DELAY_MAX.in(values);
  }

  /**
   * Percent by which a pause is lengthened or shortened at random, so that callers do not come back
   * together; not for immediate and decorrelated-jitter. Zero: none. Default: {@code 25}; range: 0
   * to 100.
   */
  public int retryJitter() {
    return ResilienceSettings.RETRY_JITTER.in(values);
  }

  /**
   * One limit for all that a call may take: its waits, attempts and pauses; each gets what is left.
   * Zero: checkout-timeout plus operation-timeout, or those of the call. Default: {@code 0s};
   * range: zero or more.
   */
  public Duration timeoutBudget() {
    return ResilienceSettings.TIMEOUT_BUDGET.in(values);
  }

  /**
   * Failures in a row that open a circuit, so that its calls are refused. Zero: no circuits. In
   * microprofile mode the guard has the pool's circuit, and groups have one where circuit-groups
   * names them. Default: {@code 5}; range: 0 to 10000.
   */
  public int circuitFailures() {
    return ResilienceSettings.CIRCUIT_FAILURES.in(values);
  }

  /**
   * Successes in a row that close a half-open circuit; one failure opens it again. Default: {@code
   * 3}; range: 1 to 10000.
   */
  public int circuitSuccesses() {
    return ResilienceSettings.CIRCUIT_SUCCESSES.in(values);
  }

  /**
   * Time that a circuit stays open before it half-opens by itself. Default: {@code 60s}; range:
   * positive.
   */
  public Duration circuitOpenTime() {
    return ResilienceSettings.CIRCUIT_OPEN_TIME.in(values);
  }

  /** Calls that a half-open circuit lets run at a time. Default: {@code 3}; range: 1 to 10000. */
  public int circuitTrials() {
    return ResilienceSettings.CIRCUIT_TRIALS.in(values);
  }

  /**
   * Functions that share a circuit beside the pool's own: the first name=pattern that fits a
   * function, else, with module, its module; none: no groups. Default: {@code module}; range:
   * module, none, or name=pattern with * for any characters, as in llm=chat:*.
   */
  public List<String> circuitGroups() {
    return ResilienceSettings.CIRCUIT_GROUPS.in(values);
  }

  /**
   * Whether an exception of the function itself counts as a failure of its group; never of the
   * pool. Default: {@code false}.
   */
  public boolean circuitPythonErrors() {
    return ResilienceSettings.CIRCUIT_PYTHON_ERRORS.in(values);
  }

  /**
   * Whether the rate of failed calls and the number of open circuits are watched, and listeners,
   * the log and JMX told when they are too high. Default: {@code false}.
   */
  public boolean errorAlerts() {
    return ResilienceSettings.ERROR_ALERTS.in(values);
  }

  /**
   * Percent of failed calls within error-alert-window above which there is an alert. Default:
   * {@code 10}; range: 1 to 100.
   */
  public int errorAlertRate() {
    return ResilienceSettings.ERROR_ALERT_RATE.in(values);
  }

  /**
   * Time over which the rate of failed calls is taken. Default: {@code 60s}; range: at least 1s.
   */
  public Duration errorAlertWindow() {
    return ResilienceSettings.ERROR_ALERT_WINDOW.in(values);
  }

  /**
   * Calls that must have ended within error-alert-window before their rate means anything. Default:
   * {@code 10}; range: 1 to 1000000.
   */
  public int errorAlertMinimum() {
    return ResilienceSettings.ERROR_ALERT_MINIMUM.in(values);
  }

  /** Open circuits at which there is an alert. Default: {@code 3}; range: 1 to 10000. */
  public int errorAlertCircuits() {
    return ResilienceSettings.ERROR_ALERT_CIRCUITS.in(values);
  }

  /**
   * Time after an alert in which the same one is not repeated. Default: {@code 300s}; range: zero
   * or more.
   */
  public Duration errorAlertCooldown() {
    return ResilienceSettings.ERROR_ALERT_COOLDOWN.in(values);
  }

  /**
   * Restarts of the launcher, the health monitor and the housekeeping within supervisor-window; one
   * more fails the pool. Workers do not count, they have the crash breaker. Zero: any number.
   * Default: {@code 5}; range: 0 to 10000.
   */
  public int supervisorRestarts() {
    return ResilienceSettings.SUPERVISOR_RESTARTS.in(values);
  }

  /** Window of supervisor-restarts. Default: {@code 60s}; range: positive. */
  public Duration supervisorWindow() {
    return ResilienceSettings.SUPERVISOR_WINDOW.in(values);
  }

  /**
   * Time after which a failed pool is tried again. Zero: only by hand. Default: {@code 60s}; range:
   * zero or more.
   */
  public Duration supervisorCooldown() {
    return ResilienceSettings.SUPERVISOR_COOLDOWN.in(values);
  }
}
