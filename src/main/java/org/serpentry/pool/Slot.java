// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import org.serpentry.worker.ExitReport;
import org.serpentry.worker.Worker;

/**
 * One numbered place in a pool: what operators see across the incarnations of its worker. The
 * reactor writes, anybody reads.
 */
public final class Slot {

  private final int number;
  private volatile Worker current;
  private volatile Worker incoming;
  private volatile long restarts;
  private volatile int earlyDeaths;
  private volatile ExitReport lastExit;
  private boolean backingOff;
  private long workerAtTick;
  private long servedAtTick;

  Slot(int number) {
    this.number = number;
  }

  /**
   * Its number, from 0.
   *
   * @return the number
   */
  public int number() {
    return number;
  }

  /**
   * The worker that serves it.
   *
   * @return the worker, or null while there is none
   */
  public Worker current() {
    return current;
  }

  /**
   * The worker that is being started for it.
   *
   * @return the worker, or null
   */
  public Worker incoming() {
    return incoming;
  }

  /**
   * How often a worker of it has been replaced.
   *
   * @return the number
   */
  public long restarts() {
    return restarts;
  }

  /**
   * How its last worker ended.
   *
   * @return the report, or null when none has
   */
  public ExitReport lastExit() {
    return lastExit;
  }

  boolean empty() {
    return current == null && incoming == null;
  }

  void starting(Worker worker) {
    incoming = worker;
  }

  /** Puts the started worker in place and returns the one that it replaces, or null. */
  Worker arrived(Worker worker) {
    Worker replaced = current;
    incoming = null;
    current = worker;
    return replaced;
  }

  /** Forgets a worker that has ended; its place is free then. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // the reactor is the only writer
  void ended(Worker worker, ExitReport how, boolean expected) {
    if (current == worker) {
      current = null;
    }
    if (incoming == worker) {
      incoming = null;
    }
    lastExit = how;
    restarts++;
    if (worker.served() > 0 || expected) {
      earlyDeaths = 0;
    } else {
      earlyDeaths++;
    }
  }

  /** How many workers in a row have died here before they served a call. */
  int earlyDeaths() {
    return earlyDeaths;
  }

  boolean backingOff() {
    return backingOff;
  }

  void backingOff(boolean value) {
    backingOff = value;
  }

  /**
   * Whether its worker was here at the last tick and has served nothing since; notes the tick. Its
   * number is kept and not itself, which would keep a dead worker's buffers.
   */
  boolean unusedSinceTick() {
    Worker worker = current;
    long id = worker == null ? 0 : worker.id();
    long served = worker == null ? 0 : worker.served();
    boolean unused = id != 0 && id == workerAtTick && served == servedAtTick;
    workerAtTick = id;
    servedAtTick = served;
    return unused;
  }
}
