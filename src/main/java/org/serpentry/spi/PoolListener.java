// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

import java.util.List;
import java.util.Map;
import org.serpentry.api.BreakerState;
import org.serpentry.api.Outcome;
import org.serpentry.api.Transition;

/**
 * Hears what happens in a pool. Every method does nothing by default. Unless said otherwise they
 * are called on the pool's control thread, in order, and must return at once: a listener that has
 * work to do hands it to a thread of its own. What a listener throws is logged and changes nothing.
 */
public interface PoolListener {

  /**
   * A worker moved from one state to another; the lease ({@code READY <-> BUSY}) is not told.
   *
   * @param worker which worker
   * @param transition the move
   */
  default void onTransition(WorkerRef worker, Transition transition) {}

  /**
   * A call ended. Called on the thread that ended it.
   *
   * @param call the call
   */
  default void onCallEnd(CallEnd call) {}

  /**
   * A worker's process has been reaped.
   *
   * @param worker which worker
   * @param how how it ended, in a few words
   * @param expected whether the pool had asked it to end
   */
  default void onWorkerExit(WorkerRef worker, String how, boolean expected) {}

  /**
   * There is a verdict on a worker's health, be it a good one.
   *
   * @param event the verdict
   */
  default void onHealth(HealthEvent event) {}

  /**
   * A call has run for longer than {@code slow-call-threshold}; told once for each, with the stacks
   * of its worker, hence up to two seconds after it was seen.
   *
   * @param call the call
   */
  default void onSlowCall(SlowCall call) {}

  /**
   * A worker has failed, and it was decided what is done about it.
   *
   * @param event the failure and the decision
   */
  default void onRecovery(RecoveryEvent event) {}

  /**
   * A rung of the ladder was used against a call that would not end.
   *
   * @param worker which worker
   * @param rung {@code cancel}, {@code dump}, {@code term} or {@code kill}
   * @param requestId the call's request id
   */
  default void onLadder(WorkerRef worker, String rung, long requestId) {}

  /**
   * A fallback took over, or a step above it is back.
   *
   * @param event what answers now
   */
  default void onService(ServiceEvent event) {}

  /**
   * A worker dumped the stacks of its threads.
   *
   * @param worker which worker
   * @param text the dump
   */
  default void onDump(WorkerRef worker, String text) {}

  /**
   * A worker printed.
   *
   * @param worker which worker
   * @param stream {@code stdout} or {@code stderr}
   * @param lines whole lines
   */
  default void onOutput(WorkerRef worker, String stream, List<String> lines) {}

  /**
   * A worker logged through Python's {@code logging}.
   *
   * @param worker which worker
   * @param records each with logger, level (Python's number), message, time, traceback, session,
   *     trace and request
   */
  default void onLog(WorkerRef worker, List<Map<String, Object>> records) {}

  /**
   * Output of a worker was dropped, because it came faster than the host read it.
   *
   * @param worker which worker
   * @param lines how many lines
   */
  default void onOutputDropped(WorkerRef worker, long lines) {}

  /**
   * A call told its progress.
   *
   * @param worker which worker
   * @param requestId the call's request id
   * @param value what it told
   */
  default void onProgress(WorkerRef worker, long requestId, Object value) {}

  /**
   * A worker was told to leave because it had reached a limit, or on an operator's demand; where
   * workers overlap, its replacement is ready.
   *
   * @param worker the worker that leaves
   * @param reason why
   */
  default void onRecycled(WorkerRef worker, RecycleReason reason) {}

  /**
   * The pool's crash breaker opened, half-opened or closed.
   *
   * @param change the change
   */
  default void onBreaker(BreakerChange change) {}

  /**
   * A circuit of the pool's calls opened, half-opened or closed.
   *
   * @param change the change
   */
  default void onCircuit(CircuitChange change) {}

  /**
   * Too many calls have failed of late, or too many circuits are open; only with {@code
   * error-alerts}.
   *
   * @param alert what was seen
   */
  default void onErrorAlert(ErrorAlert alert) {}

  /**
   * The pool as a whole has become healthier or less so.
   *
   * @param report its health now, with reasons
   */
  default void onPoolHealth(PoolHealth report) {}

  /**
   * Something worth an operator's attention happened to the pool as a whole: its launcher or a
   * template was lost, or is back.
   *
   * @param event what happened
   */
  default void onPoolEvent(PoolEvent event) {}

  /**
   * A code reload came a step further.
   *
   * @param event the step
   */
  default void onReload(ReloadEvent event) {}

  /**
   * Something happened to a session. Called on the thread that caused it.
   *
   * @param event what happened
   */
  default void onSession(SessionEvent event) {}

  /**
   * Names a worker.
   *
   * @param pool its pool
   * @param slot its slot, stable over restarts; -1 for a template
   * @param worker its number, unique in a run; 0 for a template
   * @param pid its process id, or 0 before it is known
   */
  record WorkerRef(String pool, int slot, long worker, int pid) {
    /** The slot under which events of the pool's template are told. */
    public static final int TEMPLATE_SLOT = -1;

    /** The slot under which events of the pool's launcher are told. */
    public static final int LAUNCHER_SLOT = -2;

    @Override
    public String toString() {
      return slot < 0
          ? pool + (slot == LAUNCHER_SLOT ? "/launcher" : "/template")
          : pool + "/" + slot + " (worker " + worker + ", pid " + pid + ")";
    }
  }

  /**
   * A call that ended.
   *
   * @param worker the worker that it ran on
   * @param requestId its request id
   * @param target its function
   * @param outcome how its lease ended
   * @param nanos from the lease's beginning to its end
   */
  record CallEnd(WorkerRef worker, long requestId, String target, Outcome outcome, long nanos) {}

  /**
   * A call that has run for long.
   *
   * @param worker the worker that it runs on
   * @param requestId its request id
   * @param target its function
   * @param runningMillis how long it has been running
   * @param caller the name of the thread that made it
   * @param session its session's id, or null
   * @param traceparent its W3C trace context, or null
   * @param evidence what else was seen of it
   */
  record SlowCall(
      WorkerRef worker,
      long requestId,
      String target,
      long runningMillis,
      String caller,
      String session,
      String traceparent,
      SlowCallEvidence evidence) {}

  /**
   * Why a worker was recycled.
   *
   * @param limit {@code max-requests}, {@code max-age}, {@code max-rss}, {@code idle-timeout} or
   *     what else asked for it, such as {@code operator}
   * @param bound the worker's own limit, which jitter has lowered, or empty
   * @param value what it had reached, or empty
   */
  record RecycleReason(String limit, String bound, String value) {
    /**
     * A recycling that no limit caused.
     *
     * @param who who asked for it
     * @return the reason
     */
    public static RecycleReason demanded(String who) {
      return new RecycleReason(who, "", "");
    }

    @Override
    public String toString() {
      return bound.isEmpty() ? limit : "%s: %s of %s".formatted(limit, value, bound);
    }
  }

  /**
   * A change of a pool's crash breaker.
   *
   * @param pool the pool
   * @param from the state before
   * @param to the state now
   * @param cause how the last worker died, with its last output, or what closed it
   */
  record BreakerChange(String pool, BreakerState from, BreakerState to, String cause) {}

  /**
   * A change of one of a pool's circuits.
   *
   * @param pool the pool
   * @param circuit {@code *} for the pool's own, else the group's name
   * @param from the state before
   * @param to the state now
   * @param cause the last failure that counted, or what closed it
   */
  record CircuitChange(
      String pool, String circuit, BreakerState from, BreakerState to, String cause) {}

  /**
   * Something that happened to a pool.
   *
   * @param pool the pool
   * @param warning whether it is a fault
   * @param text what happened, for the log
   */
  record PoolEvent(String pool, boolean warning, String text) {}
}
