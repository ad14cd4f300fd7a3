// SPDX-License-Identifier: Apache-2.0
package org.serpentry.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Sets what {@link LifeConfig} holds, as a part of a {@link PoolConfigBuilder}. For one thread. The
 * meaning of each setting stands at the accessor of {@link LifeConfig}.
 */
public final class LifeConfigBuilder {
  private final PoolConfigBuilder pool;

  LifeConfigBuilder(PoolConfigBuilder pool) {
    this.pool = pool;
  }

  private <T> LifeConfigBuilder set(Setting<T> setting, T value) {
    pool.set(setting, value);
    return this;
  }

  /** Sets {@link LifeConfig#healthCheckTimeout()}. */
  public LifeConfigBuilder healthCheckTimeout(Duration value) {
    return set(LifeSettings.HEALTH_CHECK_TIMEOUT, value);
  }

  /** Sets {@link LifeConfig#healthCheckFailures()}. */
  public LifeConfigBuilder healthCheckFailures(int value) {
    return set(LifeSettings.HEALTH_CHECK_FAILURES, value);
  }

  /** Sets {@link LifeConfig#healthCheckFunction()}. */
  public LifeConfigBuilder healthCheckFunction(String value) {
    return set(LifeSettings.HEALTH_CHECK_FUNCTION, value);
  }

  /** Sets {@link LifeConfig#maxRequests()}. */
  public LifeConfigBuilder maxRequests(long value) {
    return set(LifeSettings.MAX_REQUESTS, value);
  }

  /** Sets {@link LifeConfig#maxAge()}. */
  public LifeConfigBuilder maxAge(Duration value) {
    return set(LifeSettings.MAX_AGE, value);
  }

  /** Sets {@link LifeConfig#maxRss()}. */
  public LifeConfigBuilder maxRss(long value) {
    return set(LifeSettings.MAX_RSS, value);
  }

  /** Sets {@link LifeConfig#memoryCheckInterval()}. */
  public LifeConfigBuilder memoryCheckInterval(Duration value) {
    return set(LifeSettings.MEMORY_CHECK_INTERVAL, value);
  }

  /** Sets {@link LifeConfig#recycleJitter()}. */
  public LifeConfigBuilder recycleJitter(int value) {
    return set(LifeSettings.RECYCLE_JITTER, value);
  }

  /** Sets {@link LifeConfig#recycleOverlap()}. */
  public LifeConfigBuilder recycleOverlap(boolean value) {
    return set(LifeSettings.RECYCLE_OVERLAP, value);
  }

  /** Sets {@link LifeConfig#overflowDelay()}. */
  public LifeConfigBuilder overflowDelay(Duration value) {
    return set(LifeSettings.OVERFLOW_DELAY, value);
  }

  /** Sets {@link LifeConfig#crashLimit()}. */
  public LifeConfigBuilder crashLimit(int value) {
    return set(LifeSettings.CRASH_LIMIT, value);
  }

  /** Sets {@link LifeConfig#crashWindow()}. */
  public LifeConfigBuilder crashWindow(Duration value) {
    return set(LifeSettings.CRASH_WINDOW, value);
  }

  /** Sets {@link LifeConfig#crashPause()}. */
  public LifeConfigBuilder crashPause(Duration value) {
    return set(LifeSettings.CRASH_PAUSE, value);
  }

  /** Sets {@link LifeConfig#watchCode()}. */
  public LifeConfigBuilder watchCode(boolean value) {
    return set(LifeSettings.WATCH_CODE, value);
  }

  /** Sets {@link LifeConfig#maxCpu()}. */
  public LifeConfigBuilder maxCpu(Duration value) {
    return set(LifeSettings.MAX_CPU, value);
  }

  /** Sets {@link LifeConfig#user()}. */
  public LifeConfigBuilder user(String value) {
    return set(LifeSettings.USER, value);
  }

  /** Sets {@link LifeConfig#runRegistry()}. */
  public LifeConfigBuilder runRegistry(Path value) {
    return set(LifeSettings.RUN_REGISTRY, Optional.of(value));
  }

  /** Sets {@link LifeConfig#callsPerWorker()}. */
  public LifeConfigBuilder callsPerWorker(int value) {
    return set(LifeSettings.CALLS_PER_WORKER, value);
  }

  /** Sets {@link LifeConfig#slowCallThreshold()}. */
  public LifeConfigBuilder slowCallThreshold(Duration value) {
    return set(LifeSettings.SLOW_CALL_THRESHOLD, value);
  }

  /** Sets {@link LifeConfig#slowCallThresholds()}. */
  public LifeConfigBuilder slowCallThresholds(String... value) {
    return set(LifeSettings.SLOW_CALL_THRESHOLDS, List.of(value));
  }

  /** Sets {@link LifeConfig#slowCallValues()}. */
  public LifeConfigBuilder slowCallValues(boolean value) {
    return set(LifeSettings.SLOW_CALL_VALUES, value);
  }

  /** Sets {@link LifeConfig#traceContext()}. */
  public LifeConfigBuilder traceContext(boolean value) {
    return set(LifeSettings.TRACE_CONTEXT, value);
  }

  /** Sets {@link LifeConfig#logLevel()}. */
  public LifeConfigBuilder logLevel(LogLevel value) {
    return set(LifeSettings.LOG_LEVEL, value);
  }
}
