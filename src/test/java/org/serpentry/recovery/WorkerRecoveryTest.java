// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.serpentry.api.FailureKind;
import org.serpentry.api.RecoveryAction;
import org.serpentry.api.RecoveryDecision;
import org.serpentry.api.WorkerState;
import org.serpentry.original.Original;

@Original("worker_recovery")
@Tag("core-pool")
@Tag("layer-1")
class WorkerRecoveryTest {

  private static final RecoveryContext CONTEXT =
      new RecoveryContext(3, RecoveryContext.DEGRADED_DELAY, Duration.ofMillis(250));

  private static RecoveryDecision decide(FailureKind kind, WorkerState state, int failures) {
    return WorkerRecovery.decide(
        new Failure(kind, "signal SIGKILL"), new WorkerFacts(state, failures, failures), CONTEXT);
  }

  private static void assertDecision(
      RecoveryDecision decision, RecoveryAction action, Duration delay, Map<String, String> meta) {
    assertThat(decision).isEqualTo(new RecoveryDecision(action, delay, meta));
    assertThat(decision.reason()).isEqualTo(meta.get("reason"));
  }

  @Test
  void removesAWorkerThatEndedAndFillsItsPlaceWhenRestartControlSaysSo() {
    assertDecision(
        decide(FailureKind.WORKER_EXITED, WorkerState.BUSY, 0),
        RecoveryAction.REMOVE,
        Duration.ofMillis(250),
        Map.of("reason", "port_failure", "exit", "signal SIGKILL"));
  }

  @Test
  void repeatsAStartWhenRestartControlSaysSo() {
    assertDecision(
        decide(FailureKind.START_FAILED, WorkerState.INITIALIZING, 0),
        RecoveryAction.RETRY,
        Duration.ofMillis(250),
        Map.of("reason", "start_failure"));
  }

  @ParameterizedTest
  @CsvSource({"LAUNCHER_LOST, launcher_lost", "TEMPLATE_FAILED, template_failure"})
  void startsWhatWorkersComeFromAgainAfterItsPause(FailureKind kind, String reason) {
    assertDecision(
        decide(kind, WorkerState.TERMINATED, 0),
        RecoveryAction.RETRY,
        Duration.ofMillis(250),
        Map.of("reason", reason));
  }

  @Test
  void replacesAWorkerOfWhichOneOfSeveralCallsIsStuck() {
    assertDecision(
        decide(FailureKind.CALL_ABANDONED, WorkerState.READY, 0),
        RecoveryAction.REPLACE,
        Duration.ZERO,
        Map.of("reason", "call_abandoned"));
  }

  @ParameterizedTest
  @EnumSource(value = WorkerState.class)
  void removesAWorkerThatIsNotReadyAtCheckout(WorkerState state) {
    boolean ended = state == WorkerState.TERMINATING || state == WorkerState.TERMINATED;
    assertDecision(
        decide(FailureKind.NOT_READY, state, 0),
        RecoveryAction.REMOVE,
        Duration.ZERO,
        Map.of("reason", ended ? "checkout_failure" : "not_ready", "state", state.name()));
  }

  @ParameterizedTest
  @CsvSource({"1", "2"})
  void degradesAWorkerForFiveSecondsWhileItsFailedProbesAreBelowTheLimit(int failures) {
    assertDecision(
        decide(FailureKind.PROBE_FAILED, WorkerState.BUSY, failures),
        RecoveryAction.DEGRADE,
        Duration.ofSeconds(5),
        Map.of("reason", "health_degraded", "failures", "" + failures, "limit", "3"));
  }

  @ParameterizedTest
  @CsvSource({"3", "4"})
  void replacesAWorkerWhoseFailedProbesReachTheLimit(int failures) {
    assertDecision(
        decide(FailureKind.PROBE_FAILED, WorkerState.DEGRADED, failures),
        RecoveryAction.REPLACE,
        Duration.ZERO,
        Map.of("reason", "health_check_limit", "failures", "" + failures, "limit", "3"));
  }

  @Test
  void replacesAtTheFirstFailedProbeWhereTheLimitIsOne() {
    RecoveryContext strict = new RecoveryContext(1, Duration.ofSeconds(5), Duration.ZERO);
    RecoveryDecision decision =
        WorkerRecovery.decide(
            new Failure(FailureKind.PROBE_FAILED, ""),
            new WorkerFacts(WorkerState.BUSY, 1, 0),
            strict);
    assertThat(decision.action()).isEqualTo(RecoveryAction.REPLACE);
  }

  @ParameterizedTest
  @CsvSource({"1", "2"})
  void triesTheWorkerOfATimedOutCallAgainAtOnce(int timeouts) {
    assertDecision(
        decide(FailureKind.CALL_TIMED_OUT, WorkerState.BUSY, timeouts),
        RecoveryAction.RETRY,
        Duration.ZERO,
        Map.of("reason", "timeout", "failures", "" + timeouts, "limit", "3"));
  }

  @Test
  void replacesAWorkerWhoseCallsTimeOutOneAfterTheOther() {
    assertDecision(
        decide(FailureKind.CALL_TIMED_OUT, WorkerState.BUSY, 3),
        RecoveryAction.REPLACE,
        Duration.ZERO,
        Map.of("reason", "max_failures", "failures", "3", "limit", "3"));
  }

  @ParameterizedTest
  @CsvSource({
    "CALL_STUCK, timeout_limit",
    "MALFORMED_REPLY, malformed_reply",
    "CONNECTION_LOST, connection_failure",
    "REPLY_LOST, non_recoverable"
  })
  void removesAWorkerThatCannotBeTrustedAnyMore(FailureKind kind, String reason) {
    assertDecision(
        decide(kind, WorkerState.BUSY, 0),
        RecoveryAction.REMOVE,
        Duration.ZERO,
        Map.of("reason", reason));
  }

  @ParameterizedTest
  @EnumSource
  void hasADecisionWithAReasonForEveryFailure(FailureKind kind) {
    assertThat(decide(kind, WorkerState.BUSY, 1).reason()).isNotEmpty();
  }
}
