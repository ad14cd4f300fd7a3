// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.serpentry.api.RecoveryAction;
import org.serpentry.api.RecoveryDecision;
import org.serpentry.api.WorkerState;

/**
 * Decides what is done about a worker that has failed. A pure function, for any thread; the pool
 * carries out what it says.
 *
 * <p>It follows the strategy table of the DSPex pool and takes its names for the reasons. On
 * purpose it differs in these points:
 *
 * <ul>
 *   <li>A worker at the limit of failed probes or timed-out calls is replaced and not removed, so
 *       that the pool does not become smaller in between.
 *   <li>A lost connection or a malformed reply removes the worker at once, where the table tries it
 *       again after ten seconds: the socket of a child process does not come back, and after bytes
 *       that are no frame nobody can tell where the next one begins. What is tried again is a
 *       worker's start.
 *   <li>A timed-out call's worker is tried again at once, not after five seconds: the answer to the
 *       cancel is itself the proof that it is well. Where the answer does not come, the call is
 *       stuck, and that is the table's limit of timeouts.
 *   <li>An exit has the delay that the slot's restart control asks for. It is none, as in the
 *       table, unless workers of that slot die before they serve.
 *   <li>The table knows neither launchers nor templates, nor workers with several calls. A launcher
 *       or template is started again after its own pause; a worker of which one call is stuck is
 *       replaced, so that its other calls can end.
 * </ul>
 */
public final class WorkerRecovery {

  private WorkerRecovery() {}

  /**
   * Decides.
   *
   * @param failure what happened
   * @param worker what is known of the worker
   * @param context what is known of the pool
   * @return what is to be done
   */
  public static RecoveryDecision decide(
      Failure failure, WorkerFacts worker, RecoveryContext context) {
    return switch (failure.kind()) {
      case WORKER_EXITED ->
          decision(
              RecoveryAction.REMOVE,
              context.restartDelay(),
              "port_failure",
              Map.of("exit", failure.detail()));
      case START_FAILED ->
          decision(RecoveryAction.RETRY, context.restartDelay(), "start_failure", Map.of());
      case NOT_READY -> notReady(worker);
      case PROBE_FAILED -> probeFailed(worker, context);
      case CALL_TIMED_OUT -> timedOut(worker, context);
      case CALL_ABANDONED ->
          decision(RecoveryAction.REPLACE, Duration.ZERO, "call_abandoned", Map.of());
      case CALL_STUCK -> remove("timeout_limit", Map.of());
      case MALFORMED_REPLY -> remove("malformed_reply", Map.of());
      case CONNECTION_LOST -> remove("connection_failure", Map.of());
      case REPLY_LOST -> remove("non_recoverable", Map.of());
      case LAUNCHER_LOST ->
          decision(RecoveryAction.RETRY, context.restartDelay(), "launcher_lost", Map.of());
      case TEMPLATE_FAILED ->
          decision(RecoveryAction.RETRY, context.restartDelay(), "template_failure", Map.of());
    };
  }

  private static RecoveryDecision notReady(WorkerFacts worker) {
    boolean ended =
        worker.state() == WorkerState.TERMINATING || worker.state() == WorkerState.TERMINATED;
    return remove(
        ended ? "checkout_failure" : "not_ready", Map.of("state", String.valueOf(worker.state())));
  }

  private static RecoveryDecision probeFailed(WorkerFacts worker, RecoveryContext context) {
    Map<String, String> count = count(worker.failedProbes(), context);
    return worker.failedProbes() < context.failureLimit()
        ? decision(RecoveryAction.DEGRADE, context.degradedDelay(), "health_degraded", count)
        : decision(RecoveryAction.REPLACE, Duration.ZERO, "health_check_limit", count);
  }

  private static RecoveryDecision timedOut(WorkerFacts worker, RecoveryContext context) {
    Map<String, String> count = count(worker.timeouts(), context);
    return worker.timeouts() < context.failureLimit()
        ? decision(RecoveryAction.RETRY, Duration.ZERO, "timeout", count)
        : decision(RecoveryAction.REPLACE, Duration.ZERO, "max_failures", count);
  }

  private static Map<String, String> count(int failures, RecoveryContext context) {
    return Map.of(
        "failures", Integer.toString(failures), "limit", Integer.toString(context.failureLimit()));
  }

  private static RecoveryDecision remove(String reason, Map<String, String> more) {
    return decision(RecoveryAction.REMOVE, Duration.ZERO, reason, more);
  }

  private static RecoveryDecision decision(
      RecoveryAction action, Duration delay, String reason, Map<String, String> more) {
    Map<String, String> metadata = new LinkedHashMap<>(more);
    metadata.put("reason", reason);
    return new RecoveryDecision(action, delay, metadata);
  }
}
