// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.List;
import java.util.SortedMap;

/**
 * A pool as operators see it: {@code serpentry:application=<app>,pool=<pool>}. Attributes that are
 * read within a tenth of a second show one moment. Any thread may call; reading never holds up a
 * call.
 */
@Description("A pool of Python workers. Counts are momentary; their sum may differ from a total.")
public interface PythonPoolMXBean extends PythonPoolOperations {

  @Description("How the pool is: OK, DEGRADED, EXHAUSTED, SUSPENDED, FAILED or CLOSED.")
  PoolStatus getStatus();

  @Description("Why the status is what it is.")
  String getStatusReason();

  @Description("What an operator might do about it; empty when there is nothing to do.")
  String getSuggestedAction();

  @Description(
      "What answers calls that come now: POOL; while the pool cannot, SINGLE, one worker in its place, or MOCK, which invents answers; NONE when nothing does.")
  String getServedBy();

  @Description("Why it is not the pool, or empty.")
  String getServedByReason();

  @Description("When that began, ISO-8601 in UTC, or empty when it has always been so.")
  String getServedBySince();

  @Description("How often the pool or a fallback gave way to the next fallback, since the start.")
  long getFallbackFalls();

  @Description("How often the pool or a fallback above took over again, since the start.")
  long getFallbackReturns();

  @Description(
      "How many calls each of POOL, SINGLE and MOCK has answered, failures of Python included; empty without fallbacks.")
  SortedMap<String, Long> getCallsAnsweredBy();

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
  @Unit("milliseconds")
  long getFirstWaitMillis();

  @Description("The longest wait for a worker since the start, in milliseconds.")
  @Unit("milliseconds")
  long getLongestWaitMillis();

  @Description("Calls that run now.")
  int getCallsRunning();

  @Description(
      "Calls that ended within the last minute (60 to 65 s); what they took is in the latencies.")
  long getCallsLastMinute();

  @Description(
      "Half of the calls of the last minute took no longer than this, in microseconds, from the lease of a worker to its end; 3 percent exact.")
  @Unit("microseconds")
  long getCallLatencyP50Micros();

  @Description("Of 100 calls of the last minute 95 took no longer, in microseconds.")
  @Unit("microseconds")
  long getCallLatencyP95Micros();

  @Description("Of 100 calls of the last minute 99 took no longer, in microseconds.")
  @Unit("microseconds")
  long getCallLatencyP99Micros();

  @Description("No call of the last minute took longer, in microseconds.")
  @Unit("microseconds")
  long getCallLatencyMaxMicros();

  @Description("Half of all calls took no longer, in microseconds; since the start or the reset.")
  @Unit("microseconds")
  long getCallLatencyTotalP50Micros();

  @Description("Of 100 calls 95 took no longer, in microseconds; since the start or the reset.")
  @Unit("microseconds")
  long getCallLatencyTotalP95Micros();

  @Description("Of 100 calls 99 took no longer, in microseconds; since the start or the reset.")
  @Unit("microseconds")
  long getCallLatencyTotalP99Micros();

  @Description("No call took longer, in microseconds; since the start or the reset.")
  @Unit("microseconds")
  long getCallLatencyTotalMaxMicros();

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

  @Description("Calls that an open circuit refused, since the start.")
  long getCallsRefusedByCircuits();

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

  @Description(
      "The resident memory of all workers, in bytes, what they share counted in each; sampled in the background.")
  @Unit("bytes")
  long getWorkersRssBytes();

  @Description(
      "The memory of all workers, in bytes, what they share counted once (PSS); sampled every 10 s while somebody reads it, 0 before the first time.")
  @Unit("bytes")
  long getWorkersPssBytes();

  @Description("The SHA-256 of the code that most workers run, in hex, or empty.")
  String getCodeVersion();

  @Description(
      "The last call that failed and was not cancelled: its function, the error, its text.")
  String getLastError();

  @Description("When that was, ISO-8601 in UTC, or empty.")
  String getLastErrorAt();

  @Description("Since when the pool lets no calls in, ISO-8601 in UTC, or empty.")
  String getSuspendedSince();

  @Description("For how long the pool has been running, in seconds.")
  @Unit("seconds")
  long getUptimeSeconds();

  @Description(
      "Lines that workers have printed, since the start; what is beyond output-rate is not in the log.")
  long getLinesPrinted();

  @Description("Lines that workers printed too fast to be passed on at all, since the start.")
  long getLinesDropped();

  @Description("Records of Python's logging from log-level on, since the start.")
  long getRecordsLogged();

  @Description("Memory in use for large arguments and results, in bytes.")
  @Unit("bytes")
  long getSharedMemoryBytes();

  @Description("How much of it there may be, in bytes; one half for arguments, one for results.")
  @Unit("bytes")
  long getSharedMemoryLimitBytes();

  @Description(
      "Why large arguments go by the socket instead, as last seen since the directory was set, or empty.")
  String getSharedMemoryShortage();

  @Description("Sessions that there are.")
  int getSessionsOpen();

  @Description("Sessions that have a worker.")
  int getSessionsBound();

  @Description("Sessions begun since the start.")
  long getSessionsStarted();

  @Description("Sessions that ended because nobody used them, since the start.")
  long getSessionsExpired();

  @Description("Calls of sessions that ran on their session's worker, since the start.")
  long getSessionHits();

  @Description(
      "Calls of sessions that ran on another worker, the first of each among them, since the start.")
  long getSessionMisses();

  @Description("Sessions that have lost what they kept on a worker, since the start.")
  long getSessionsLost();

  @Description("The 200 sessions used last, the last one first.")
  @Table("id")
  List<Session> getSessions();

  @Description("The calls that run now, the longest first.")
  @Table("request")
  List<RunningCall> getRunningCalls();

  @Description("The last 200 events, newest first.")
  @Table("number")
  List<Event> getRecentEvents();

  @Description("The last 200 decisions about failures of workers, newest first.")
  @Table("number")
  List<Decision> getRecoveryDecisions();

  @Description("The last 50 long operations with their state, newest first.")
  @Table("id")
  List<Operation> getOperations();

  @Description("Notifications that were not sent because there were too many; see RecentEvents.")
  long getNotificationsSuppressed();

  /**
   * A call that runs.
   *
   * @param caller the name of the thread that made it; empty for the pool's own
   * @param function {@code module:function}
   * @param pid its worker's process id
   * @param request its request id
   * @param runningMillis how long it has been running
   * @param session its session's id, or empty
   * @param slot its worker's slot
   * @param traceparent its W3C trace context, or empty
   */
  record RunningCall(
      String caller,
      String function,
      int pid,
      long request,
      long runningMillis,
      String session,
      int slot,
      String traceparent) {}

  /**
   * A session.
   *
   * @param id its id
   * @param keepsLocal whether it keeps things on its worker that cannot move
   * @param lastActivity when its last call came or ended, ISO-8601 in UTC
   * @param lost whether such things have been lost with their worker
   * @param operations how many calls have been made in it
   * @param slot the slot of the worker that it prefers, or -1
   * @param started when its first call came, ISO-8601 in UTC
   * @param waiting how many of its calls wait for their turn
   */
  record Session(
      String id,
      boolean keepsLocal,
      String lastActivity,
      boolean lost,
      long operations,
      int slot,
      String started,
      int waiting) {}

  /**
   * Something that happened.
   *
   * @param at when, ISO-8601 in UTC
   * @param kind its notification type without {@code serpentry.}
   * @param number counts the pool's events, from 1
   * @param slot the worker's slot, or -1 when it concerns the pool
   * @param text what happened
   * @param worker the worker's number in this run, or 0
   */
  record Event(String at, String kind, long number, int slot, String text, long worker) {}

  /**
   * What was decided about a failure.
   *
   * @param action RETRY, DEGRADE, REMOVE or REPLACE
   * @param at when, ISO-8601 in UTC
   * @param delayMillis how much later it is done
   * @param detail what was seen
   * @param failure in which way the worker failed
   * @param number 1 is the newest
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
      int number,
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
   * @param state {@code RUNNING}, {@code DONE}, with a colon and the result if there is one, or
   *     {@code FAILED: } and the reason
   */
  record Operation(String ended, String id, String name, String started, String state) {}
}
