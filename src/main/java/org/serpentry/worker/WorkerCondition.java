// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.serpentry.api.Health;
import org.serpentry.api.WorkerActivity;

/**
 * How a worker does, apart from its state: its health, what it has failed in, and what its process
 * was seen to do. Whoever holds the worker writes, which is the reactor or the holder of its lease;
 * anybody reads.
 */
public final class WorkerCondition {

  private record Watched(RunningCall call, WorkerActivity activity) {}

  private volatile Health health = Health.UNKNOWN;
  private volatile int failedProbes;
  private volatile int timeouts;
  private volatile Watched watched;
  private volatile List<Long> collections = List.of();
  private final LongAdder failedCalls = new LongAdder();

  WorkerCondition() {}

  /**
   * The last verdict.
   *
   * @return its health
   */
  public Health health() {
    return health;
  }

  /**
   * How many probes in a row have failed.
   *
   * @return the number
   */
  public int failedProbes() {
    return failedProbes;
  }

  /**
   * How many calls in a row have met deadlines that left time for an answer.
   *
   * @return the number
   */
  public int timeouts() {
    return timeouts;
  }

  /**
   * How often Python has collected garbage on it, by generation, as of its last ping.
   *
   * @return the youngest generation first; empty before the first ping
   */
  public List<Long> collections() {
    return collections;
  }

  /** A ping told of collections. */
  public void collections(List<Long> counts) {
    collections = List.copyOf(counts);
  }

  /**
   * How many calls on it have failed.
   *
   * @return those that raised or met their deadline
   */
  public long failedCalls() {
    return failedCalls.sum();
  }

  /** A call on it has failed. Any thread may call. */
  public void callFailed() {
    failedCalls.increment();
  }

  /** It has shaken hands. */
  void shookHands() {
    health = Health.HEALTHY;
  }

  /** A call was answered, be it by an exception. */
  void answered() {
    if (timeouts != 0) {
      timeouts = 0;
    }
  }

  /** A call met a deadline that would have left time for an answer. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // whoever holds the worker is alone
  public void timedOut() {
    timeouts++;
  }

  /** A probe was answered. */
  public void probeAnswered() {
    failedProbes = 0;
    health = Health.HEALTHY;
  }

  /** A probe was not answered, or by an exception. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // whoever holds the worker is alone
  public void probeFailed() {
    failedProbes++;
    health = Health.UNHEALTHY;
  }

  /**
   * Its process was watched while a call ran.
   *
   * @param call the call
   * @param activity what was seen
   */
  public void watched(RunningCall call, WorkerActivity activity) {
    watched = new Watched(call, activity);
  }

  /**
   * What its process was seen to do during a call.
   *
   * @param call the call that runs, or null
   * @return what was seen; of another call than this one nothing is told
   */
  public WorkerActivity activity(RunningCall call) {
    Watched last = watched;
    return last == null || call == null || !last.call().equals(call)
        ? WorkerActivity.UNWATCHED
        : last.activity();
  }
}
