// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static javax.management.MBeanOperationInfo.ACTION;
import static javax.management.MBeanOperationInfo.INFO;

import java.util.List;
import java.util.SortedMap;

/**
 * A pool as operators see it: {@code serpentry:application=<app>,pool=<pool>}. Attributes that are
 * read within a tenth of a second show one moment. Any thread may call; reading never holds up a
 * call.
 */
@Description("A pool of Python workers. Counts are momentary; their sum may differ from a total.")
public interface PythonPoolMXBean {

  @Description("How the pool is: OK, DEGRADED, EXHAUSTED, SUSPENDED, FAILED or CLOSED.")
  PoolStatus getStatus();

  @Description("Why the status is what it is.")
  String getStatusReason();

  @Description("What an operator might do about it; empty when there is nothing to do.")
  String getSuggestedAction();

  @Description("How many workers the pool keeps. Changed by resize.")
  int getSize();

  @Description("How many workers it may have while calls wait.")
  int getMaxSize();

  @Description("Workers that are being started.")
  int getWorkersInitializing();

  @Description("Workers that wait for a call.")
  int getWorkersReady();

  @Description("Workers that run a call.")
  int getWorkersBusy();

  @Description("Workers that serve no calls until a probe succeeds.")
  int getWorkersDegraded();

  @Description("Workers that have been told to end and have not ended yet.")
  int getWorkersTerminating();

  @Description("Workers in any state, those being started included.")
  int getWorkersTotal();

  @Description("Calls that wait for a worker.")
  int getCallsWaiting();

  @Description("How many calls may wait; the next one is rejected at once.")
  int getCallsWaitingLimit();

  @Description("How long the first call in the queue has waited, in milliseconds; 0 if none waits.")
  long getFirstWaitMillis();

  @Description("The longest wait for a worker since the start, in milliseconds.")
  long getLongestWaitMillis();

  @Description("Calls that ended with a value, since the start.")
  long getCallsSucceeded();

  @Description("Calls that ended with an exception of the Python function, since the start.")
  long getCallsFailedInPython();

  @Description("Calls that ended with the death of their worker, since the start.")
  long getCallsLostToWorkers();

  @Description("Calls that ran into their timeout, since the start.")
  long getCallsTimedOut();

  @Description("Calls that their caller gave up, since the start.")
  long getCallsCancelled();

  @Description("Calls that got no worker within the checkout timeout, since the start.")
  long getCheckoutsTimedOut();

  @Description("Calls that were refused at once because the queue was full, since the start.")
  long getCallsRejected();

  @Description("How often a call was tried again, since the start.")
  long getCallRetries();

  @Description("Calls that were asked to stop in Python: the ladder's first rung.")
  long getLadderCancels();

  @Description("Calls that did not stop, so that their stacks were dumped: the second rung.")
  long getLadderStackDumps();

  @Description(
      "Calls that did not stop in workers with several, which end when their other calls have: beside the third rung.")
  long getLadderAbandonments();

  @Description("Workers that were sent SIGTERM: the third rung.")
  long getLadderTerminations();

  @Description("Workers that were killed with SIGKILL: the last rung.")
  long getLadderKills();

  @Description("How often workers of the present slots have been replaced.")
  long getWorkerRestarts();

  @Description("How many workers have been recycled, by what asked for it.")
  SortedMap<String, Long> getWorkersRecycled();

  @Description(
      "The crash breaker: CLOSED; OPEN after too many workers died before they served, when none is"
          + " started for a while; HALF_OPEN while one is tried.")
  String getCrashBreakerState();

  @Description(
      "The last death that counted against the crash breaker, or what closed it, or empty.")
  String getCrashBreakerCause();

  @Description("The launcher's process id, or 0 while it is not running.")
  long getLauncherPid();

  @Description("The calls that run now, the longest first.")
  List<RunningCall> getRunningCalls();

  @Description("The last 200 events, newest first.")
  List<Event> getRecentEvents();

  @Description("The last 200 decisions about failures of workers, newest first.")
  List<Decision> getRecoveryDecisions();

  @Description("The last 50 long operations with their state, newest first.")
  List<Operation> getOperations();

  @Description("Notifications that were not sent because there were too many; see RecentEvents.")
  long getNotificationsSuppressed();

  @Description(
      "Changes how many workers the pool keeps; the room for overflow stays. Running calls are not"
          + " disturbed: a worker too many ends after its call. Lasts until the next deployment.")
  @Impact(ACTION)
  void resize(@Named("size") @Description("The new number of workers, 1 to 10,000.") int size);

  @Description("Replaces the worker of a slot; the old one serves until the new one is ready.")
  @Impact(ACTION)
  void recycleWorker(@Named("slot") @Description("The slot's number, from 0.") int slot);

  @Description(
      "Replaces every worker, one after the other, so that capacity never drops. Returns the id of"
          + " the operation at once; the attribute Operations shows its state.")
  @Impact(ACTION)
  String recycleWorkersOneByOne();

  @Description(
      "Loads the Python code anew beside the old, proves it on one worker, then replaces the others"
          + " one after the other; code that fails is left and the old serves on. Returns the id of"
          + " the operation at once; the attribute Operations shows its state.")
  @Impact(ACTION)
  String reloadCode();

  @Description("Closes the crash breaker, so that workers are started again at once.")
  @Impact(ACTION)
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
      @Named("seconds") @Description("How long to wait for running calls, at least 1.")
          int seconds);

  @Description(
      "The Python stacks of all threads of every worker, now. Disturbs no call. A worker that does not"
          + " answer within a second is named: it may be stopped.")
  @Impact(INFO)
  String dumpPythonStacks();

  @Description("Lets calls in again.")
  @Impact(ACTION)
  void resume();

  /**
   * A call that runs.
   *
   * @param function {@code module:function}
   * @param pid its worker's process id
   * @param request its request id
   * @param runningMillis how long it has been running
   * @param slot its worker's slot
   */
  record RunningCall(String function, int pid, long request, long runningMillis, int slot) {}

  /**
   * Something that happened.
   *
   * @param at when, ISO-8601 in UTC
   * @param kind its notification type without {@code serpentry.}
   * @param slot the worker's slot, or -1 when it concerns the pool
   * @param text what happened
   * @param worker the worker's number in this run, or 0
   */
  record Event(String at, String kind, int slot, String text, long worker) {}

  /**
   * What was decided about a failure.
   *
   * @param action RETRY, DEGRADE, REMOVE or REPLACE
   * @param at when, ISO-8601 in UTC
   * @param delayMillis how much later it is done
   * @param detail what was seen
   * @param failure in which way the worker failed
   * @param reason the rule that decided
   * @param slot the worker's slot
   * @param worker its number in this run
   */
  record Decision(
      String action,
      String at,
      long delayMillis,
      String detail,
      String failure,
      String reason,
      int slot,
      long worker) {}

  /**
   * A long operation.
   *
   * @param ended when it ended, ISO-8601 in UTC, or empty
   * @param id its id
   * @param name the operation
   * @param started when it began, ISO-8601 in UTC
   * @param state {@code RUNNING}, {@code DONE} or {@code FAILED: } and the reason
   */
  record Operation(String ended, String id, String name, String started, String state) {}
}
