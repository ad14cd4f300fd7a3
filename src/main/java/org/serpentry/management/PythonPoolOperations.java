// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static javax.management.MBeanOperationInfo.ACTION;
import static javax.management.MBeanOperationInfo.ACTION_INFO;

/**
 * What an operator may do with a pool. None takes longer than a second: a long one returns an id at
 * once, is listed in {@code Operations} and tells its end by a notification. Each is recorded in
 * the log category {@code serpentry.audit}. Any thread may call.
 */
public interface PythonPoolOperations {

  @Description(
      "Changes how many workers the pool keeps; the room for overflow stays. Running calls are not"
          + " disturbed: a worker too many ends after its call. Lasts until the next deployment.")
  @Impact(value = ACTION, safe = true)
  void resize(@Named("size") @Description("The new number of workers, 1 to 10,000.") int size);

  @Description(
      "Replaces the worker of a slot; the old one serves until the new one is ready. Returns the id of"
          + " the operation at once; it is DONE when the new one serves.")
  @Impact(value = ACTION, safe = true)
  String recycleWorker(@Named("slot") @Description("The slot's number, from 0.") int slot);

  @Description(
      "Replaces every worker, one after the other, so that capacity never drops. Returns the id of"
          + " the operation at once; the attribute Operations shows its state.")
  @Impact(value = ACTION, safe = true)
  String recycleWorkersOneByOne();

  @Description(
      "Loads the Python code anew beside the old, proves it on one worker, then replaces the others"
          + " one after the other; code that fails is left and the old serves on. Returns the id of"
          + " the operation at once; the attribute Operations shows its state.")
  @Impact(value = ACTION, safe = true)
  String reloadCode();

  @Description(
      "Goes back to the Python code that served before the last reload, as reloadCode goes on to new code; once more leads forward again. Returns the id of the operation at once; the attribute Operations shows its state.")
  @Impact(value = ACTION, safe = true)
  String rollbackCode();

  @Description("Closes the crash breaker, so that workers are started again at once.")
  @Impact(value = ACTION, safe = true)
  void resetCircuitBreaker();

  @Description("Kills the worker of a slot at once, its call with it; it is replaced.")
  @Impact(ACTION)
  void killWorker(@Named("slot") @Description("The slot's number, from 0.") int slot);

  @Description("Lets no new calls in and ends those that wait; running calls go on.")
  @Impact(ACTION)
  void suspend();

  @Description(
      "Lets no new calls in, as suspend does, and waits until no call runs any more. Returns the id of"
          + " the operation at once; the attribute Operations shows when it is DONE, or FAILED when"
          + " calls still ran after the time. The pool stays suspended until resume.")
  @Impact(ACTION)
  String suspendAndWait(
      @Named("seconds")
          @Description("How long to wait for running calls, at least 1.")
          @Unit("seconds")
          int seconds);

  @Description(
      "The Python stacks of all threads of every worker, now. Disturbs no call. A worker that does not"
          + " answer within a second is named: it may be stopped.")
  @Impact(value = ACTION_INFO, safe = true)
  String dumpPythonStacks();

  @Description("Lets calls in again.")
  @Impact(value = ACTION, safe = true)
  void resume();

  @Description(
      "Has the worker of a slot leave after its call, and keeps the slot empty until refillWorker. Returns the id of the operation at once; it is DONE when the slot is empty.")
  @Impact(ACTION)
  String drainWorker(@Named("slot") @Description("The slot's number, from 0.") int slot);

  @Description(
      "Starts a worker in a drained slot. Returns the id of the operation at once; it is DONE when the worker serves.")
  @Impact(value = ACTION, safe = true)
  String refillWorker(@Named("slot") @Description("The slot's number, from 0.") int slot);

  @Description(
      "Gives a running call up: its caller gets an exception at once, and Python is asked to stop. Returns what happens if it does not, and when its worker is killed.")
  @Impact(ACTION_INFO)
  String cancelCall(
      @Named("request") @Description("The call's request, from RunningCalls.") long request);

  @Description("Ends a session and drops its state; returns whether there was one.")
  @Impact(ACTION_INFO)
  boolean endSession(@Named("id") @Description("The session's id, from Sessions.") String id);

  @Description(
      "Pings Python through the pool as a call does, and judges the pool. Returns the id of the operation at once; the attribute Operations shows the verdict.")
  @Impact(value = ACTION_INFO, safe = true)
  String selfTest();

  @Description(
      "Forgets latencies, the longest wait and the last error. Totals since the start stay.")
  @Impact(value = ACTION, safe = true)
  void resetStatistics();

  @Description("Tries a pool that has FAILED again at once: the cause has been removed.")
  @Impact(value = ACTION, safe = true)
  void retryFailedPool();
}
