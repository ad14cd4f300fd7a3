// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.time.Duration;
import java.util.List;

/**
 * Settings of one pool for failures: retries, time budget, circuits, alerts and supervision: {@code
 * serpentry.pool.<name>.<key>}.
 */
final class ResilienceSettings {
  private static final SettingList DECLARED = new SettingList("Retries and budget");

  static final Setting<RetryBackoff> RETRY_BACKOFF =
      DECLARED.declare(
          "retry-backoff",
          ValueType.oneOf(RetryBackoff.class),
          "immediate",
          "",
          value -> true,
          "How the pauses between the attempts of a call grow, d being retry-delay: immediate (0, d, 2d, 3d), linear (d, 2d, 3d), exponential (d, 2d, 4d), fibonacci (d, d, 2d, 3d, 5d), decorrelated-jitter (between d and three times the last pause) or custom (those of retry-delays).");

  static final Setting<List<Duration>> RETRY_DELAYS =
      DECLARED.declare(
          "retry-delays",
          ValueType.DURATIONS,
          "",
          "none below zero",
          value -> value.stream().noneMatch(Duration::isNegative),
          "Pauses of retry-backoff=custom in their order; the last one holds for whatever follows. Empty: retry-delay before each.");

  static final Setting<Duration> RETRY_DELAY_MAX =
      DECLARED.declare(
          "retry-delay-max",
          ValueType.DURATION,
          "30s",
          "positive",
          value -> positive(value),
          "Longest pause between two attempts, whatever retry-backoff says.");

  static final Setting<Integer> RETRY_JITTER =
      DECLARED.declare(
          "retry-jitter",
          ValueType.INTEGER,
          "25",
          "0 to 100",
          value -> value >= 0 && value <= 100,
          "Percent by which a pause is lengthened or shortened at random, so that callers do not come back together; not for immediate and decorrelated-jitter. Zero: none.");

  static final Setting<Duration> TIMEOUT_BUDGET =
      DECLARED.declare(
          "timeout-budget",
          ValueType.DURATION,
          "0s",
          "zero or more",
          value -> !value.isNegative(),
          "One limit for all that a call may take: its waits, attempts and pauses; each gets what is left. Zero: checkout-timeout plus operation-timeout, or those of the call.");

  static final Setting<Integer> CIRCUIT_FAILURES =
      DECLARED
          .section("Circuits")
          .declare(
              "circuit-failures",
              ValueType.INTEGER,
              "5",
              "0 to 10000",
              value -> value >= 0 && value <= 10_000,
              "Failures in a row that open a circuit, so that its calls are refused. Zero: no circuits. In microprofile mode the guard has the pool's circuit, and groups have one where circuit-groups names them.");

  static final Setting<Integer> CIRCUIT_SUCCESSES =
      DECLARED.declare(
          "circuit-successes",
          ValueType.INTEGER,
          "3",
          "1 to 10000",
          value -> value >= 1 && value <= 10_000,
          "Successes in a row that close a half-open circuit; one failure opens it again.");

  static final Setting<Duration> CIRCUIT_OPEN_TIME =
      DECLARED.declare(
          "circuit-open-time",
          ValueType.DURATION,
          "60s",
          "positive",
          value -> positive(value),
          "Time that a circuit stays open before it half-opens by itself.");

  static final Setting<Integer> CIRCUIT_TRIALS =
      DECLARED.declare(
          "circuit-trials",
          ValueType.INTEGER,
          "3",
          "1 to 10000",
          value -> value >= 1 && value <= 10_000,
          "Calls that a half-open circuit lets run at a time.");

  static final Setting<List<String>> CIRCUIT_GROUPS =
      DECLARED.declare(
          "circuit-groups",
          ValueType.TEXTS,
          "module",
          "module, none, or name=pattern with * for any characters, as in llm=chat:*",
          value -> CircuitGroups.accepts(value),
          "Functions that share a circuit beside the pool's own: the first name=pattern that fits a function, else, with module, its module; none: no groups.");

  static final Setting<Boolean> CIRCUIT_PYTHON_ERRORS =
      DECLARED.declare(
          "circuit-python-errors",
          ValueType.BOOLEAN,
          "false",
          "",
          value -> true,
          "Whether an exception of the function itself counts as a failure of its group; never of the pool.");

  static final Setting<Boolean> ERROR_ALERTS =
      DECLARED
          .section("Alerts and supervision")
          .declare(
              "error-alerts",
              ValueType.BOOLEAN,
              "false",
              "",
              value -> true,
              "Whether the rate of failed calls and the number of open circuits are watched, and listeners, the log and JMX told when they are too high.");

  static final Setting<Integer> ERROR_ALERT_RATE =
      DECLARED.declare(
          "error-alert-rate",
          ValueType.INTEGER,
          "10",
          "1 to 100",
          value -> value >= 1 && value <= 100,
          "Percent of failed calls within error-alert-window above which there is an alert.");

  static final Setting<Duration> ERROR_ALERT_WINDOW =
      DECLARED.declare(
          "error-alert-window",
          ValueType.DURATION,
          "60s",
          "at least 1s",
          value -> value.compareTo(Duration.ofSeconds(1)) >= 0,
          "Time over which the rate of failed calls is taken.");

  static final Setting<Integer> ERROR_ALERT_MINIMUM =
      DECLARED.declare(
          "error-alert-minimum",
          ValueType.INTEGER,
          "10",
          "1 to 1000000",
          value -> value >= 1 && value <= 1_000_000,
          "Calls that must have ended within error-alert-window before their rate means anything.");

  static final Setting<Integer> ERROR_ALERT_CIRCUITS =
      DECLARED.declare(
          "error-alert-circuits",
          ValueType.INTEGER,
          "3",
          "1 to 10000",
          value -> value >= 1 && value <= 10_000,
          "Open circuits at which there is an alert.");

  static final Setting<Duration> ERROR_ALERT_COOLDOWN =
      DECLARED.declare(
          "error-alert-cooldown",
          ValueType.DURATION,
          "300s",
          "zero or more",
          value -> !value.isNegative(),
          "Time after an alert in which the same one is not repeated.");

  static final Setting<Integer> SUPERVISOR_RESTARTS =
      DECLARED.declare(
          "supervisor-restarts",
          ValueType.INTEGER,
          "5",
          "0 to 10000",
          value -> value >= 0 && value <= 10_000,
          "Restarts of the launcher, the health monitor and the housekeeping within supervisor-window; one more fails the pool. Workers do not count, they have the crash breaker. Zero: any number.");

  static final Setting<Duration> SUPERVISOR_WINDOW =
      DECLARED.declare(
          "supervisor-window",
          ValueType.DURATION,
          "60s",
          "positive",
          value -> positive(value),
          "Window of supervisor-restarts.");

  static final Setting<Duration> SUPERVISOR_COOLDOWN =
      DECLARED.declare(
          "supervisor-cooldown",
          ValueType.DURATION,
          "60s",
          "zero or more",
          value -> !value.isNegative(),
          "Time after which a failed pool is tried again. Zero: only by hand.");

  private ResilienceSettings() {}

  /** In the order of the documentation. */
  static List<Setting<?>> all() {
    return DECLARED.all();
  }

  private static boolean positive(Duration value) {
    return !value.isNegative() && !value.isZero();
  }
}
