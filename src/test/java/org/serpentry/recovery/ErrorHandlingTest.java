// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.FailureKind;
import org.serpentry.api.ProtocolException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.api.WorkerExit;
import org.serpentry.original.Original;
import org.serpentry.recovery.ErrorHandling.Advice;
import org.serpentry.recovery.ErrorHandling.Facts;
import org.serpentry.recovery.ErrorHandling.Severity;
import org.serpentry.recovery.ErrorHandling.Strategy;

/** The original's matrix of categories, severities and strategies. */
@Original("pool_error_handler")
@Tag("layer-1")
@Tag("core-pool")
class ErrorHandlingTest {
  private static final ErrorContext AT = ErrorContext.ofPool("ml");

  @ParameterizedTest
  @CsvSource({
    "INITIALIZATION, CRITICAL, CIRCUIT_BREAK",
    "RESOURCE, CRITICAL, CIRCUIT_BREAK",
    "SYSTEM, CRITICAL, ABANDON",
    "CONNECTION, MAJOR, BACKOFF_RETRY",
    "TIMEOUT, MAJOR, BACKOFF_RETRY",
    "COMMUNICATION, MAJOR, IMMEDIATE_RETRY",
    "PYTHON, MAJOR, FAILOVER",
    "HEALTH_CHECK, MINOR, BACKOFF_RETRY",
    "SESSION, MINOR, IMMEDIATE_RETRY"
  })
  void aFirstFailureHasItsAreasSeverityAndStrategy(
      ErrorArea area, Severity severity, Strategy strategy) {
    assertThat(ErrorHandling.severity(area, Facts.FIRST)).isEqualTo(severity);
    assertThat(ErrorHandling.strategy(area, severity, 1)).isEqualTo(strategy);
  }

  @ParameterizedTest
  @CsvSource({
    "INITIALIZATION, CRITICAL",
    "RESOURCE, CRITICAL",
    "SYSTEM, CRITICAL",
    "CONNECTION, CRITICAL",
    "TIMEOUT, CRITICAL",
    "COMMUNICATION, CRITICAL",
    "PYTHON, CRITICAL",
    "HEALTH_CHECK, MAJOR",
    "SESSION, MAJOR"
  })
  void theFourthAttemptIsOneLevelWorse(ErrorArea area, Severity severity) {
    Severity first = ErrorHandling.severity(area, Facts.FIRST);
    assertThat(ErrorHandling.severity(area, new Facts(3, false, false))).isEqualTo(first);
    assertThat(ErrorHandling.severity(area, new Facts(4, false, false))).isEqualTo(severity);
  }

  @ParameterizedTest
  @EnumSource(ErrorArea.class)
  void whatConcernsAllWorkersIsCritical(ErrorArea area) {
    assertThat(ErrorHandling.severity(area, new Facts(1, true, false)))
        .isEqualTo(Severity.CRITICAL);
  }

  @ParameterizedTest
  @EnumSource(ErrorArea.class)
  void whatAPersonWaitsForIsNeverMinor(ErrorArea area) {
    Severity plain = ErrorHandling.severity(area, Facts.FIRST);
    assertThat(ErrorHandling.severity(area, new Facts(1, false, true)))
        .isEqualTo(plain == Severity.MINOR ? Severity.MAJOR : plain);
  }

  @ParameterizedTest
  @EnumSource(ErrorArea.class)
  void aCriticalFailureIsAbandonedAfterTwoAttempts(ErrorArea area) {
    assertThat(ErrorHandling.strategy(area, Severity.CRITICAL, 3)).isEqualTo(Strategy.ABANDON);
  }

  @Test
  void aCriticalConnectionBreaksTheCircuitAndAMajorResourceFailsOver() {
    assertThat(ErrorHandling.strategy(ErrorArea.CONNECTION, Severity.CRITICAL, 1))
        .isEqualTo(Strategy.CIRCUIT_BREAK);
    assertThat(ErrorHandling.strategy(ErrorArea.RESOURCE, Severity.MAJOR, 1))
        .isEqualTo(Strategy.FAILOVER);
  }

  @Test
  void eachStrategyHasItsNumberOfAttempts() {
    assertThat(attempts(Strategy.IMMEDIATE_RETRY)).isEqualTo(3);
    assertThat(attempts(Strategy.BACKOFF_RETRY)).isEqualTo(5);
    assertThat(attempts(Strategy.FAILOVER)).isEqualTo(1);
    assertThat(attempts(Strategy.CIRCUIT_BREAK)).isZero();
    assertThat(attempts(Strategy.ABANDON)).isZero();
  }

  @Test
  void immediateAttemptsWaitALittleAndOthersEverLonger() {
    assertThat(millis(Strategy.IMMEDIATE_RETRY, 4)).containsExactly(0L, 100L, 200L, 200L);
    assertThat(millis(Strategy.BACKOFF_RETRY, 6))
        .containsExactly(1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 16_000L);
    assertThat(millis(Strategy.ABANDON, 2)).containsExactly(0L, 0L);
  }

  @Test
  void nothingThatMayHaveStartedIsAdvisedToBeRepeated() {
    Advice unsafe =
        ErrorHandling.advise(
            new CallTimeoutException(AT, "m:f", Duration.ofSeconds(1), ""), Facts.FIRST);
    Advice safe =
        ErrorHandling.advise(
            new CallTimeoutException(AT.withRetrySafe(true), "m:f", Duration.ofSeconds(1), ""),
            Facts.FIRST);

    assertThat(unsafe.strategy()).isEqualTo(Strategy.BACKOFF_RETRY);
    assertThat(unsafe.repeat()).isFalse();
    assertThat(safe.repeat()).isTrue();
    assertThat(safe.delay()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void exceptionsAndWorkersFailuresHaveTheirAreas() {
    assertThat(ErrorArea.of(new ProtocolException(AT, "half a frame", null)))
        .isEqualTo(ErrorArea.COMMUNICATION);
    assertThat(ErrorArea.of(new WorkerCrashedException(AT, WorkerExit.ofCode(1), List.of())))
        .isEqualTo(ErrorArea.CONNECTION);
    assertThat(Arrays.stream(FailureKind.values()).map(ErrorArea::of))
        .containsExactly(
            ErrorArea.CONNECTION,
            ErrorArea.INITIALIZATION,
            ErrorArea.HEALTH_CHECK,
            ErrorArea.HEALTH_CHECK,
            ErrorArea.TIMEOUT,
            ErrorArea.TIMEOUT,
            ErrorArea.TIMEOUT,
            ErrorArea.COMMUNICATION,
            ErrorArea.CONNECTION,
            ErrorArea.COMMUNICATION,
            ErrorArea.INITIALIZATION,
            ErrorArea.INITIALIZATION);
  }

  private static int attempts(Strategy strategy) {
    int attempt = 0;
    while (attempt < 100 && ErrorHandling.repeats(strategy, attempt + 1)) {
      attempt++;
    }
    return attempt;
  }

  private static List<Long> millis(Strategy strategy, int attempts) {
    return java.util.stream.IntStream.rangeClosed(1, attempts)
        .mapToObj(attempt -> ErrorHandling.delay(strategy, attempt).toMillis())
        .toList();
  }
}
