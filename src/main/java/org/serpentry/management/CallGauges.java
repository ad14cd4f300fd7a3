// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import org.serpentry.pool.PoolFigures;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.WorkerPool;

/** What the pool bean tells of calls, read from the cached moment. Any thread may call. */
abstract class CallGauges implements PythonPoolMXBean {

  private final WorkerPool pool;
  private final SnapshotCache cache;
  private final Chatter chatter;

  CallGauges(WorkerPool pool, SnapshotCache cache, Chatter chatter) {
    this.pool = pool;
    this.cache = cache;
    this.chatter = chatter;
  }

  final PoolSnapshot now() {
    return cache.get();
  }

  final PoolFigures figures() {
    return cache.figures();
  }

  @Override
  public int getCallsWaiting() {
    return now().waiting();
  }

  @Override
  public int getCallsWaitingLimit() {
    return now().queueCapacity();
  }

  @Override
  public long getFirstWaitMillis() {
    return now().firstWaitMillis();
  }

  @Override
  public long getLongestWaitMillis() {
    return now().longestWaitMillis();
  }

  @Override
  public long getCallsSucceeded() {
    return now().calls().succeeded();
  }

  @Override
  public long getCallsFailedInPython() {
    return now().calls().pythonErrors();
  }

  @Override
  public long getCallsLostToWorkers() {
    return now().calls().workerFailures();
  }

  @Override
  public long getCallsTimedOut() {
    return now().calls().timedOut();
  }

  @Override
  public long getCallsCancelled() {
    return now().calls().cancelled();
  }

  @Override
  public long getCheckoutsTimedOut() {
    return now().calls().checkoutTimeouts();
  }

  @Override
  public long getCallsRejected() {
    return now().calls().rejected();
  }

  @Override
  public long getCallRetries() {
    return now().calls().retries();
  }

  @Override
  public long getLadderCancels() {
    return now().ladder().get("cancel");
  }

  @Override
  public long getLadderStackDumps() {
    return now().ladder().get("dump");
  }

  @Override
  public long getLadderAbandonments() {
    return now().ladder().get("abandon");
  }

  @Override
  public long getLadderTerminations() {
    return now().ladder().get("term");
  }

  @Override
  public long getLadderKills() {
    return now().ladder().get("kill");
  }

  @Override
  public int getCallsRunning() {
    return cache.running().size();
  }

  @Override
  public long getCallsLastMinute() {
    return figures().lastMinute().calls();
  }

  @Override
  public long getCallLatencyP50Micros() {
    return figures().lastMinute().p50Micros();
  }

  @Override
  public long getCallLatencyP95Micros() {
    return figures().lastMinute().p95Micros();
  }

  @Override
  public long getCallLatencyP99Micros() {
    return figures().lastMinute().p99Micros();
  }

  @Override
  public long getCallLatencyMaxMicros() {
    return figures().lastMinute().maxMicros();
  }

  @Override
  public long getCallLatencyTotalP50Micros() {
    return figures().sinceStart().p50Micros();
  }

  @Override
  public long getCallLatencyTotalP95Micros() {
    return figures().sinceStart().p95Micros();
  }

  @Override
  public long getCallLatencyTotalP99Micros() {
    return figures().sinceStart().p99Micros();
  }

  @Override
  public long getCallLatencyTotalMaxMicros() {
    return figures().sinceStart().maxMicros();
  }

  @Override
  public long getLinesPrinted() {
    return chatter.printed();
  }

  @Override
  public long getLinesDropped() {
    return chatter.dropped();
  }

  @Override
  public long getRecordsLogged() {
    return chatter.logged();
  }

  @Override
  public long getSharedMemoryBytes() {
    return pool.operator().sharedMemory().used();
  }

  @Override
  public long getSharedMemoryLimitBytes() {
    return pool.operator().sharedMemory().limit();
  }

  @Override
  public String getSharedMemoryShortage() {
    return pool.operator().sharedMemory().shortage();
  }

  @Override
  public long getCallsRefusedByCircuits() {
    return pool.control().resilience().refusedByCircuits();
  }
}
