// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.serpentry.api.BreakerState;
import org.serpentry.api.Health;
import org.serpentry.api.WorkerActivity;
import org.serpentry.api.WorkerState;
import org.serpentry.session.SessionStatistics;

/**
 * A pool as it is at a moment. The counts are momentary; their sum may differ from the total.
 *
 * @param size how many workers it keeps
 * @param maxSize how many it may have under load
 * @param states how many workers are in each state, the ones being started included
 * @param waiting how many calls wait for a worker
 * @param queueCapacity how many may
 * @param firstWaitMillis how long the first of them has waited
 * @param longestWaitMillis the longest wait since the start
 * @param calls how calls have ended since the start
 * @param ladder how often each rung of the ladder has been used: cancel, dump, term, kill
 * @param suspended whether it lets no calls in
 * @param fault why no worker can be started, or empty
 * @param launcherPid the launcher's process, or 0
 * @param workers its slots
 * @param upkeep what became of workers that reached a limit or died early
 * @param sessions its sessions
 * @param services what answers its calls
 */
public record PoolSnapshot(
    int size,
    int maxSize,
    Map<WorkerState, Integer> states,
    int waiting,
    int queueCapacity,
    long firstWaitMillis,
    long longestWaitMillis,
    Calls calls,
    Map<String, Long> ladder,
    boolean suspended,
    String fault,
    long launcherPid,
    List<SlotView> workers,
    Upkeep upkeep,
    SessionStatistics sessions,
    ServiceView services) {

  /**
   * How the pool renews its workers.
   *
   * @param recycled how many workers have been recycled, by the limit that they reached
   * @param breaker the crash breaker
   */
  public record Upkeep(Map<String, Long> recycled, BreakerView breaker) {
    /** Nothing was ever renewed. */
    public static final Upkeep NONE =
        new Upkeep(Map.of(), new BreakerView(BreakerState.CLOSED, 0, "", 0));
  }

  /**
   * The crash breaker.
   *
   * @param state its state
   * @param deaths how many early deaths count now, while it is closed
   * @param cause the last early death, or what closed it, or empty
   * @param remainingMillis how long it will stay open, or 0
   */
  public record BreakerView(BreakerState state, int deaths, String cause, long remainingMillis) {}

  /**
   * How calls have ended.
   *
   * @param succeeded with a value
   * @param pythonErrors with an exception of the function, or a refusal by the worker
   * @param workerFailures with the death of their worker
   * @param timedOut at their deadline
   * @param cancelled by their caller
   * @param checkoutTimeouts without having got a worker in time
   * @param rejected at once, the queue being full
   * @param retries how often a call was tried again
   */
  public record Calls(
      long succeeded,
      long pythonErrors,
      long workerFailures,
      long timedOut,
      long cancelled,
      long checkoutTimeouts,
      long rejected,
      long retries) {}

  /**
   * A slot.
   *
   * @param slot its number
   * @param worker its worker's number, or 0 while it is empty
   * @param pid its worker's process, or 0
   * @param state its worker's state; INITIALIZING while one is being started
   * @param health the last verdict on its worker
   * @param started when its worker was asked for, or null
   * @param served how many calls its worker has answered
   * @param restarts how often its worker has been replaced
   * @param function the function that runs on it, the longest running one of several, or empty
   * @param requestId that call's id, or 0
   * @param runningMillis how long that call has been running
   * @param lastExit how its last worker ended, or empty
   * @param codeHash the hash of the code that its worker runs, or empty
   * @param requirementsHash the hash of the distributions that its worker can import, or empty
   * @param python its worker's Python version, or empty
   * @param rss its worker's resident memory at the last look, in bytes, or 0
   * @param activity what its worker's process was last seen to do during the running call
   * @param failedProbes how many probes of its worker in a row have failed
   * @param running all calls that run on it, the longest running first
   * @param failedCalls how many calls on its worker have raised or met their deadline
   * @param collections how often its worker's Python has collected garbage, by generation
   */
  public record SlotView(
      int slot,
      long worker,
      int pid,
      WorkerState state,
      Health health,
      Instant started,
      long served,
      long restarts,
      String function,
      long requestId,
      long runningMillis,
      String lastExit,
      String codeHash,
      String requirementsHash,
      String python,
      long rss,
      WorkerActivity activity,
      int failedProbes,
      List<RunningView> running,
      long failedCalls,
      List<Long> collections) {}

  /**
   * A call that runs.
   *
   * @param function its function
   * @param requestId its id
   * @param runningMillis how long it has been running
   */
  public record RunningView(String function, long requestId, long runningMillis) {}
}
