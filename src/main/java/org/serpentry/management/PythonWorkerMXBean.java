// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.List;
import org.serpentry.api.Health;
import org.serpentry.api.WorkerActivity;

/**
 * One slot of a pool: {@code serpentry:application=<app>,pool=<pool>,worker=<slot>}. It outlives
 * the workers that serve it one after the other, and stays while there is none.
 */
@Description("A numbered place in a pool, and the worker process that serves it at present.")
public interface PythonWorkerMXBean {

  @Description("The slot's number, from 0; it stays over restarts.")
  int getSlot();

  @Description("The number of its present worker in this run, or 0 while it is empty.")
  long getWorker();

  @Description("The process id of its present worker, or 0.")
  int getPid();

  @Description(
      "INITIALIZING, READY, BUSY, DEGRADED, TERMINATING; EMPTY while it has no worker, DRAINED while an operator keeps it so.")
  String getState();

  @Description("The last verdict on its worker: HEALTHY, UNHEALTHY or UNKNOWN.")
  Health getHealth();

  @Description("How many probes of its worker have failed in a row.")
  int getProbesFailed();

  @Description(
      "What the process of its worker was last seen to do during the present call: COMPUTING,"
          + " WAITING, STOPPED, UNKNOWN, or UNWATCHED while there is nothing to watch.")
  WorkerActivity getActivity();

  @Description("The resident memory of its worker's process at the last look, in bytes, or 0.")
  @Unit("bytes")
  long getRssBytes();

  @Description(
      "The memory of its worker's process, in bytes, what it shares counted in part (PSS); sampled every 10 s while somebody reads it.")
  @Unit("bytes")
  long getPssBytes();

  @Description("How long ago its present worker was asked for, in seconds; 0 while it is empty.")
  @Unit("seconds")
  long getAgeSeconds();

  @Description("How many calls its present worker has answered.")
  long getRequestsServed();

  @Description("How many calls on its present worker have raised or met their deadline.")
  long getCallsFailed();

  @Description(
      "How often Python has collected garbage in its present worker, by generation from the youngest on, as of its last probe by ping; empty before, and with a health-check-function.")
  String getCollections();

  @Description("How often a worker of this slot has been replaced.")
  long getRestarts();

  @Description("The function that runs on it, or empty.")
  String getCurrentFunction();

  @Description("How long the present call has been running, in milliseconds.")
  @Unit("milliseconds")
  long getCurrentCallMillis();

  @Description("The request id of the present call, or 0.")
  long getCurrentRequestId();

  @Description("The name of the thread that made the present call, or empty.")
  String getCurrentCaller();

  @Description("The id of the present call's session, or empty.")
  String getCurrentSession();

  @Description("The W3C trace context of the present call, or empty.")
  String getCurrentTraceparent();

  @Description("How many calls run on it now.")
  int getCallsRunning();

  @Description("How many sessions live on it.")
  int getSessions();

  @Description("How its last worker ended, or empty.")
  String getLastExit();

  @Description("The SHA-256 of the code that its worker runs, in hex, or empty.")
  String getCodeHash();

  @Description("The SHA-256 of the distributions that its worker can import, in hex, or empty.")
  String getRequirementsHash();

  @Description("The Python version of its worker, or empty.")
  String getPythonVersion();

  @Description("The last 50 changes of state over all workers of this slot, newest first.")
  @Table("number")
  List<StateChange> getHistory();

  /**
   * A change of a worker's state; leases are counted, not recorded.
   *
   * @param at when, ISO-8601 in UTC
   * @param from the state before
   * @param number 1 is the newest
   * @param reason why
   * @param stayMillis how long it had been in the state before
   * @param to the state after
   */
  record StateChange(
      String at, String from, int number, String reason, long stayMillis, String to) {}
}
