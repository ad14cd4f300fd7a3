// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The part of a pool's checked settings that is about its workers' lives: health, recycling,
 * restarts, code and isolation. Immutable and safe for use by any thread; {@link PoolConfig#life()}
 * gives it.
 */
public final class LifeConfig {
  private final Map<Setting<?>, Object> values;

  LifeConfig(Map<Setting<?>, Object> values) {
    this.values = values;
  }

  /**
   * Longest run of a probe, and of the watch on a busy worker's process. Default: {@code 5s};
   * range: positive.
   */
  public Duration healthCheckTimeout() {
    return LifeSettings.HEALTH_CHECK_TIMEOUT.in(values);
  }

  /**
   * Failed probes in a row at which a worker is replaced; fewer make it degraded, and one that
   * succeeds restores it. Default: {@code 3}; range: 1 to 100.
   */
  public int healthCheckFailures() {
    return LifeSettings.HEALTH_CHECK_FAILURES.in(values);
  }

  /**
   * Function that probes an idle worker; the worker is healthy when it returns. Empty: a built-in
   * that takes the same way. Default: {@code none}; range: module:function, exposed and without
   * arguments.
   */
  public String healthCheckFunction() {
    return LifeSettings.HEALTH_CHECK_FUNCTION.in(values);
  }

  /**
   * Calls after which a worker is replaced. Zero: no limit. Default: {@code 0}; range: zero or
   * more.
   */
  public long maxRequests() {
    return LifeSettings.MAX_REQUESTS.in(values);
  }

  /**
   * Age at which a worker is replaced. Zero: no limit. Default: {@code 0s}; range: zero or more.
   */
  public Duration maxAge() {
    return LifeSettings.MAX_AGE.in(values);
  }

  /**
   * Resident memory of a worker's process at which it is replaced. Zero: no limit. Default: {@code
   * 0}; range: 0 or at least 1MiB.
   */
  public long maxRss() {
    return LifeSettings.MAX_RSS.in(values);
  }

  /**
   * Time between two looks at the workers' memory and age. Default: {@code 10s}; range: positive.
   */
  public Duration memoryCheckInterval() {
    return LifeSettings.MEMORY_CHECK_INTERVAL.in(values);
  }

  /**
   * Percent of each recycling limit, idle-timeout included, by which a worker's own limit is
   * lowered at random, so that workers never go together. Default: {@code 10}; range: 0 to 90.
   */
  public int recycleJitter() {
    return LifeSettings.RECYCLE_JITTER.in(values);
  }

  /**
   * Whether the replacement is ready before the old worker leaves. false: the old one ends first,
   * for what only one process may hold, such as a GPU. Default: {@code true}.
   */
  public boolean recycleOverlap() {
    return LifeSettings.RECYCLE_OVERLAP.in(values);
  }

  /**
   * Time that a call must have waited before a worker beyond size is started for it. Default:
   * {@code 20ms}; range: zero or more.
   */
  public Duration overflowDelay() {
    return LifeSettings.OVERFLOW_DELAY.in(values);
  }

  /**
   * Workers that may die before they served a call, within crash-window; one more opens the crash
   * breaker, and calls are told the cause at once. Zero: no breaker. Default: {@code 20}; range: 0
   * to 10000.
   */
  public int crashLimit() {
    return LifeSettings.CRASH_LIMIT.in(values);
  }

  /** Window of crash-limit. Default: {@code 60s}; range: positive. */
  public Duration crashWindow() {
    return LifeSettings.CRASH_WINDOW.in(values);
  }

  /**
   * Time that an open crash breaker starts no worker; then one worker is tried. Default: {@code
   * 10s}; range: positive.
   */
  public Duration crashPause() {
    return LifeSettings.CRASH_PAUSE.in(values);
  }

  /** Whether a change of the code's files reloads it, for development. Default: {@code false}. */
  public boolean watchCode() {
    return LifeSettings.WATCH_CODE.in(values);
  }

  /**
   * CPU time of one call (RLIMIT_CPU, set anew for each), in whole seconds; a call that exceeds it
   * is cancelled, and its worker killed two seconds of CPU later. Zero: no limit. Default: {@code
   * 0s}; range: zero or at least 1s.
   */
  public Duration maxCpu() {
    return LifeSettings.MAX_CPU.in(values);
  }

  /**
   * Operating-system user that the workers run as. The server must be allowed to change users.
   * Empty: the server's own. Default: {@code none}; range: a user name of the operating system.
   */
  public String user() {
    return LifeSettings.USER.in(values);
  }

  /**
   * Lasting directory in which a pool notes its processes, so that the next start can end what a
   * crash left behind. Default: {@code ~/.cache/serpentry/runs}.
   */
  public Path runRegistry() {
    return LifeSettings.RUN_REGISTRY.in(values).orElseThrow();
  }

  /**
   * Calls that a worker runs at once, on threads or, async functions, on one event loop: for calls
   * that wait, such as for a language model. max-cpu must be zero above 1. Default: {@code 1};
   * range: 1 to 1000.
   */
  public int callsPerWorker() {
    return LifeSettings.CALLS_PER_WORKER.in(values);
  }

  /**
   * Run of a call from which on it is told as slow, once, in the log, the events and the
   * notifications. Calls are looked at whenever half of it has passed, at least once and at most 20
   * times a second. Zero: none is. Default: {@code 0s}; range: zero or more.
   */
  public Duration slowCallThreshold() {
    return LifeSettings.SLOW_CALL_THRESHOLD.in(values);
  }

  /**
   * What slow-call-threshold is for single functions; the first that fits counts, and zero is
   * never. Default: empty; range: module:function=duration, where * stands for any text.
   */
  public List<String> slowCallThresholds() {
    return LifeSettings.SLOW_CALL_THRESHOLDS.in(values);
  }

  /**
   * Whether the log of slow calls has the values of arguments, cut short, and not their sizes
   * alone. They may be secrets. Default: {@code false}.
   */
  public boolean slowCallValues() {
    return LifeSettings.SLOW_CALL_VALUES.in(values);
  }

  /**
   * Whether the W3C trace context and baggage of the caller's OpenTelemetry span travel with each
   * call, where the application sees the OpenTelemetry API. Default: {@code true}.
   */
  public boolean traceContext() {
    return LifeSettings.TRACE_CONTEXT.in(values);
  }

  /**
   * Level of Python's root logger in the workers, from which on records reach the server's log.
   * Default: {@code info}.
   */
  public LogLevel logLevel() {
    return LifeSettings.LOG_LEVEL.in(values);
  }
}
