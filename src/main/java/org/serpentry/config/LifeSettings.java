// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Settings of one pool for the life of its workers: {@code serpentry.pool.<name>.<key>}.
 *
 * <p>Bounds that join two settings are checked in {@link PoolConfigBuilder}.
 */
final class LifeSettings {
  private static final Pattern TARGET =
      Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_.]*:[\\p{L}_][\\p{L}\\p{N}_]*");
  private static final Pattern USER_NAME = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");

  private static final SettingList DECLARED = new SettingList("Health");

  static final Setting<Duration> HEALTH_CHECK_TIMEOUT =
      DECLARED.declare(
          "health-check-timeout",
          ValueType.DURATION,
          "5s",
          "positive",
          value -> positive(value),
          "Longest run of a probe, and of the watch on a busy worker's process.");

  static final Setting<Integer> HEALTH_CHECK_FAILURES =
      DECLARED.declare(
          "health-check-failures",
          ValueType.INTEGER,
          "3",
          "1 to 100",
          value -> value >= 1 && value <= 100,
          "Failed probes in a row at which a worker is replaced; fewer make it degraded, and one that succeeds restores it.");

  static final Setting<String> HEALTH_CHECK_FUNCTION =
      DECLARED.declare(
          "health-check-function",
          ValueType.TEXT,
          "",
          "module:function, exposed and without arguments",
          value -> value.isEmpty() || TARGET.asMatchPredicate().test(value),
          "Function that probes an idle worker; the worker is healthy when it returns. Empty: a built-in that takes the same way.");

  static final Setting<Long> MAX_REQUESTS =
      DECLARED
          .section("Recycling")
          .declare(
              "max-requests",
              ValueType.LONG,
              "0",
              "zero or more",
              value -> value >= 0,
              "Calls after which a worker is replaced. Zero: no limit.");

  static final Setting<Duration> MAX_AGE =
      DECLARED.declare(
          "max-age",
          ValueType.DURATION,
          "0s",
          "zero or more",
          value -> !value.isNegative(),
          "Age at which a worker is replaced. Zero: no limit.");

  static final Setting<Long> MAX_RSS =
      DECLARED.declare(
          "max-rss",
          ValueType.BYTES,
          "0",
          "0 or at least 1MiB",
          value -> value == 0 || value >= 1L << 20,
          "Resident memory of a worker's process at which it is replaced. Zero: no limit.");

  static final Setting<Duration> MEMORY_CHECK_INTERVAL =
      DECLARED.declare(
          "memory-check-interval",
          ValueType.DURATION,
          "10s",
          "positive",
          value -> positive(value),
          "Time between two looks at the workers' memory and age.");

  static final Setting<Integer> RECYCLE_JITTER =
      DECLARED.declare(
          "recycle-jitter",
          ValueType.INTEGER,
          "10",
          "0 to 90",
          value -> value >= 0 && value <= 90,
          "Percent of each recycling limit, idle-timeout included, by which a worker's own limit is lowered at random, so that workers never go together.");

  static final Setting<Boolean> RECYCLE_OVERLAP =
      DECLARED.declare(
          "recycle-overlap",
          ValueType.BOOLEAN,
          "true",
          "",
          value -> true,
          "Whether the replacement is ready before the old worker leaves. false: the old one ends first, for what only one process may hold, such as a GPU.");

  static final Setting<Duration> OVERFLOW_DELAY =
      DECLARED.declare(
          "overflow-delay",
          ValueType.DURATION,
          "20ms",
          "zero or more",
          value -> !value.isNegative(),
          "Time that a call must have waited before a worker beyond size is started for it.");

  static final Setting<Integer> CRASH_LIMIT =
      DECLARED
          .section("Restarts")
          .declare(
              "crash-limit",
              ValueType.INTEGER,
              "20",
              "0 to 10000",
              value -> value >= 0 && value <= 10_000,
              "Workers that may die before they served a call, within crash-window; one more opens the crash breaker, and calls are told the cause at once. Zero: no breaker.");

  static final Setting<Duration> CRASH_WINDOW =
      DECLARED.declare(
          "crash-window",
          ValueType.DURATION,
          "60s",
          "positive",
          value -> positive(value),
          "Window of crash-limit.");

  static final Setting<Duration> CRASH_PAUSE =
      DECLARED.declare(
          "crash-pause",
          ValueType.DURATION,
          "10s",
          "positive",
          value -> positive(value),
          "Time that an open crash breaker starts no worker; then one worker is tried.");

  static final Setting<Boolean> WATCH_CODE =
      DECLARED
          .section("Code and isolation")
          .declare(
              "watch-code",
              ValueType.BOOLEAN,
              "false",
              "",
              value -> true,
              "Whether a change of the code's files reloads it, for development.");

  static final Setting<Duration> MAX_CPU =
      DECLARED.declare(
          "max-cpu",
          ValueType.DURATION,
          "0s",
          "zero or at least 1s",
          value -> value.isZero() || value.compareTo(Duration.ofSeconds(1)) >= 0,
          "CPU time of one call (RLIMIT_CPU, set anew for each), in whole seconds; a call that exceeds it is cancelled, and its worker killed two seconds of CPU later. Zero: no limit.");

  static final Setting<String> USER =
      DECLARED.declare(
          "user",
          ValueType.TEXT,
          "",
          "a user name of the operating system",
          value -> value.isEmpty() || USER_NAME.asMatchPredicate().test(value),
          "Operating-system user that the workers run as. The server must be allowed to change users. Empty: the server's own.");

  static final Setting<Optional<Path>> RUN_REGISTRY =
      DECLARED.declare(
          "run-registry",
          ValueType.PATH,
          "~/.cache/serpentry/runs",
          "",
          value -> value.isPresent(),
          "Lasting directory in which a pool notes its processes, so that the next start can end what a crash left behind.");

  static final Setting<Integer> CALLS_PER_WORKER =
      DECLARED
          .section("Calls")
          .declare(
              "calls-per-worker",
              ValueType.INTEGER,
              "1",
              "1 to 1000",
              value -> value >= 1 && value <= 1_000,
              "Calls that a worker runs at once, on threads or, async functions, on one event loop: for calls that wait, such as for a language model. max-cpu must be zero above 1.");

  static final Setting<Duration> SLOW_CALL_THRESHOLD =
      DECLARED
          .section("Telemetry")
          .declare(
              "slow-call-threshold",
              ValueType.DURATION,
              "0s",
              "zero or more",
              value -> !value.isNegative(),
              "Run of a call from which on it is told as slow, once, in the log, the events and the notifications. Calls are looked at whenever half of it has passed, at least once and at most 20 times a second. Zero: none is.");

  static final Setting<List<String>> SLOW_CALL_THRESHOLDS =
      DECLARED.declare(
          "slow-call-thresholds",
          ValueType.TEXTS,
          "",
          "module:function=duration; * stands for any text",
          value -> SlowCallThresholds.accepts(value),
          "What slow-call-threshold is for single functions, as in chat:reply=30s,prices:*=200ms; the first that fits counts, and zero is never. Empty: the same for all.");

  static final Setting<Boolean> SLOW_CALL_VALUES =
      DECLARED.declare(
          "slow-call-values",
          ValueType.BOOLEAN,
          "false",
          "",
          value -> true,
          "Whether the log of slow calls has the values of arguments, cut short, and not their sizes alone. They may be secrets.");

  static final Setting<Boolean> TRACE_CONTEXT =
      DECLARED.declare(
          "trace-context",
          ValueType.BOOLEAN,
          "true",
          "",
          value -> true,
          "Whether the W3C trace context and baggage of the caller's OpenTelemetry span travel with each call, where the application sees the OpenTelemetry API.");

  static final Setting<LogLevel> LOG_LEVEL =
      DECLARED.declare(
          "log-level",
          ValueType.oneOf(LogLevel.class),
          "info",
          "",
          value -> true,
          "Level of Python's root logger in the workers, from which on records reach the server's log.");

  private LifeSettings() {}

  /** In the order of the documentation. */
  static List<Setting<?>> all() {
    return DECLARED.all();
  }

  private static boolean positive(Duration value) {
    return !value.isNegative() && !value.isZero();
  }
}
