// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.serpentry.api.PythonPoolException;
import org.serpentry.config.RetryBackoff;

/**
 * What a failure is worth: how severe it is and what had best be done about it. Pure functions, as
 * the rules stand in {@code docs/errors.md}; nothing is done here. Whatever is advised, a call is
 * repeated only when it certainly did not start or is declared idempotent.
 */
public final class ErrorHandling {

  /** How bad a failure is. */
  public enum Severity {
    /** It concerns one call and passes. */
    MINOR,
    /** It concerns calls until something is done. */
    MAJOR,
    /** It concerns the pool. */
    CRITICAL;

    Severity worse() {
      return this == MINOR ? MAJOR : CRITICAL;
    }
  }

  /** What to do. */
  public enum Strategy {
    /** Repeat at once. */
    IMMEDIATE_RETRY,
    /** Repeat after growing pauses. */
    BACKOFF_RETRY,
    /** Answer in another way: the fallback. */
    FAILOVER,
    /** Let no more such calls in for a while. */
    CIRCUIT_BREAK,
    /** Give up and tell the caller. */
    ABANDON
  }

  /**
   * What is known besides the failure.
   *
   * @param attempt how often it has been tried, from 1
   * @param allWorkers whether every worker is concerned
   * @param userFacing whether a person waits for the answer
   */
  public record Facts(int attempt, boolean allWorkers, boolean userFacing) {
    /** The first attempt of a call that concerns nobody else. */
    public static final Facts FIRST = new Facts(1, false, false);
  }

  /**
   * The advice.
   *
   * @param area what the failure belongs to
   * @param severity how bad it is
   * @param strategy what to do
   * @param repeat whether to repeat the call now
   * @param delay the pause before that
   */
  public record Advice(
      ErrorArea area, Severity severity, Strategy strategy, boolean repeat, Duration delay) {}

  private static final int WORSE_AFTER = 3;
  private static final int HOPELESS_AFTER = 2;
  private static final int MOST_IMMEDIATE = 3;
  private static final int MOST_BACKOFF = 5;
  private static final RetryDelays IMMEDIATE =
      new RetryDelays(
          RetryBackoff.IMMEDIATE, Duration.ofMillis(100), Duration.ofMillis(200), 0, List.of());
  private static final RetryDelays BACKOFF =
      new RetryDelays(
          RetryBackoff.EXPONENTIAL, Duration.ofSeconds(1), Duration.ofSeconds(16), 0, List.of());

  private ErrorHandling() {}

  /**
   * Advises on a failure.
   *
   * @param failure the failure
   * @param facts what is known besides
   * @return the advice; never to repeat what is not transient
   */
  public static Advice advise(PythonPoolException failure, Facts facts) {
    ErrorArea area = ErrorArea.of(failure);
    Severity severity = severity(area, facts);
    Strategy strategy = strategy(area, severity, facts.attempt());
    boolean repeat = failure.isTransient() && repeats(strategy, facts.attempt());
    return new Advice(area, severity, strategy, repeat, delay(strategy, facts.attempt()));
  }

  /**
   * How bad a failure is.
   *
   * @param area what it belongs to
   * @param facts what is known besides
   * @return the severity
   */
  public static Severity severity(ErrorArea area, Facts facts) {
    Severity base =
        switch (area) {
          case INITIALIZATION, RESOURCE, SYSTEM -> Severity.CRITICAL;
          case CONNECTION, TIMEOUT, COMMUNICATION, PYTHON -> Severity.MAJOR;
          case HEALTH_CHECK, SESSION -> Severity.MINOR;
        };
    if (facts.allWorkers()) {
      return Severity.CRITICAL;
    }
    Severity severity = facts.attempt() > WORSE_AFTER ? base.worse() : base;
    return facts.userFacing() && severity == Severity.MINOR ? Severity.MAJOR : severity;
  }

  /**
   * What to do about a failure.
   *
   * @param area what it belongs to
   * @param severity how bad it is
   * @param attempt how often it has been tried, from 1
   * @return the strategy
   */
  public static Strategy strategy(ErrorArea area, Severity severity, int attempt) {
    boolean critical = severity == Severity.CRITICAL;
    if (critical && attempt > HOPELESS_AFTER) {
      return Strategy.ABANDON;
    }
    return switch (area) {
      case INITIALIZATION -> Strategy.CIRCUIT_BREAK;
      case RESOURCE -> critical ? Strategy.CIRCUIT_BREAK : Strategy.FAILOVER;
      case CONNECTION -> critical ? Strategy.CIRCUIT_BREAK : Strategy.BACKOFF_RETRY;
      case TIMEOUT, HEALTH_CHECK -> Strategy.BACKOFF_RETRY;
      case COMMUNICATION, SESSION -> Strategy.IMMEDIATE_RETRY;
      case PYTHON -> Strategy.FAILOVER;
      case SYSTEM -> Strategy.ABANDON;
    };
  }

  /**
   * Whether a strategy asks for another attempt.
   *
   * @param strategy the strategy
   * @param attempt how often it has been tried, from 1
   * @return whether
   */
  public static boolean repeats(Strategy strategy, int attempt) {
    return switch (strategy) {
      case IMMEDIATE_RETRY -> attempt <= MOST_IMMEDIATE;
      case BACKOFF_RETRY -> attempt <= MOST_BACKOFF;
      case FAILOVER -> attempt <= 1;
      case CIRCUIT_BREAK, ABANDON -> false;
    };
  }

  /**
   * The pause before another attempt.
   *
   * @param strategy the strategy
   * @param attempt how often it has been tried, from 1
   * @return 0, 100, 200 ms for immediate ones, 1 s doubling to 16 s with back-off, else zero
   */
  public static Duration delay(Strategy strategy, int attempt) {
    RetryDelays delays =
        switch (strategy) {
          case IMMEDIATE_RETRY -> IMMEDIATE;
          case BACKOFF_RETRY -> BACKOFF;
          default -> null;
        };
    return delays == null
        ? Duration.ZERO
        : Duration.ofNanos(delays.nanos(attempt, 0, new SplittableRandom()));
  }
}
