// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;
import java.util.List;

/**
 * Sets what {@link ResilienceConfig} holds, as a part of a {@link PoolConfigBuilder}. For one
 * thread. The meaning of each setting stands at the accessor of {@link ResilienceConfig}.
 */
public final class ResilienceConfigBuilder {
  private final PoolConfigBuilder pool;

  ResilienceConfigBuilder(PoolConfigBuilder pool) {
    this.pool = pool;
  }

  private <T> ResilienceConfigBuilder set(Setting<T> setting, T value) {
    pool.set(setting, value);
    return this;
  }

  /** Sets {@link ResilienceConfig#retryBackoff()}. */
  public ResilienceConfigBuilder retryBackoff(RetryBackoff value) {
    return set(ResilienceSettings.RETRY_BACKOFF, value);
  }

  /** Sets {@link ResilienceConfig#retryDelays()}. */
  public ResilienceConfigBuilder retryDelays(List<Duration> value) {
    return set(ResilienceSettings.RETRY_DELAYS, List.copyOf(value));
  }

  /** Sets {@link ResilienceConfig#retryDelayMax()}. */
  public ResilienceConfigBuilder retryDelayMax(Duration value) {
    return set(ResilienceSettings.RETRY_DELAY_MAX, value);
  }

  /** Sets {@link ResilienceConfig#retryJitter()}. */
  public ResilienceConfigBuilder retryJitter(int value) {
    return set(ResilienceSettings.RETRY_JITTER, value);
  }

  /** Sets {@link ResilienceConfig#timeoutBudget()}. */
  public ResilienceConfigBuilder timeoutBudget(Duration value) {
    return set(ResilienceSettings.TIMEOUT_BUDGET, value);
  }

  /** Sets {@link ResilienceConfig#circuitFailures()}. */
  public ResilienceConfigBuilder circuitFailures(int value) {
    return set(ResilienceSettings.CIRCUIT_FAILURES, value);
  }

  /** Sets {@link ResilienceConfig#circuitSuccesses()}. */
  public ResilienceConfigBuilder circuitSuccesses(int value) {
    return set(ResilienceSettings.CIRCUIT_SUCCESSES, value);
  }

  /** Sets {@link ResilienceConfig#circuitOpenTime()}. */
  public ResilienceConfigBuilder circuitOpenTime(Duration value) {
    return set(ResilienceSettings.CIRCUIT_OPEN_TIME, value);
  }

  /** Sets {@link ResilienceConfig#circuitTrials()}. */
  public ResilienceConfigBuilder circuitTrials(int value) {
    return set(ResilienceSettings.CIRCUIT_TRIALS, value);
  }

  /** Sets {@link ResilienceConfig#circuitGroups()}. */
  public ResilienceConfigBuilder circuitGroups(List<String> value) {
    return set(ResilienceSettings.CIRCUIT_GROUPS, List.copyOf(value));
  }

  /** Sets {@link ResilienceConfig#circuitPythonErrors()}. */
  public ResilienceConfigBuilder circuitPythonErrors(boolean value) {
    return set(ResilienceSettings.CIRCUIT_PYTHON_ERRORS, value);
  }

  /** Sets {@link ResilienceConfig#errorAlerts()}. */
  public ResilienceConfigBuilder errorAlerts(boolean value) {
    return set(ResilienceSettings.ERROR_ALERTS, value);
  }

  /** Sets {@link ResilienceConfig#errorAlertRate()}. */
  public ResilienceConfigBuilder errorAlertRate(int value) {
    return set(ResilienceSettings.ERROR_ALERT_RATE, value);
  }

  /** Sets {@link ResilienceConfig#errorAlertWindow()}. */
  public ResilienceConfigBuilder errorAlertWindow(Duration value) {
    return set(ResilienceSettings.ERROR_ALERT_WINDOW, value);
  }

  /** Sets {@link ResilienceConfig#errorAlertMinimum()}. */
  public ResilienceConfigBuilder errorAlertMinimum(int value) {
    return set(ResilienceSettings.ERROR_ALERT_MINIMUM, value);
  }

  /** Sets {@link ResilienceConfig#errorAlertCircuits()}. */
  public ResilienceConfigBuilder errorAlertCircuits(int value) {
    return set(ResilienceSettings.ERROR_ALERT_CIRCUITS, value);
  }

  /** Sets {@link ResilienceConfig#errorAlertCooldown()}. */
  public ResilienceConfigBuilder errorAlertCooldown(Duration value) {
    return set(ResilienceSettings.ERROR_ALERT_COOLDOWN, value);
  }

  /** Sets {@link ResilienceConfig#supervisorRestarts()}. */
  public ResilienceConfigBuilder supervisorRestarts(int value) {
    return set(ResilienceSettings.SUPERVISOR_RESTARTS, value);
  }

  /** Sets {@link ResilienceConfig#supervisorWindow()}. */
  public ResilienceConfigBuilder supervisorWindow(Duration value) {
    return set(ResilienceSettings.SUPERVISOR_WINDOW, value);
  }

  /** Sets {@link ResilienceConfig#supervisorCooldown()}. */
  public ResilienceConfigBuilder supervisorCooldown(Duration value) {
    return set(ResilienceSettings.SUPERVISOR_COOLDOWN, value);
  }
}
