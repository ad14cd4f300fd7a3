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
  private volatile boolean drained;
  private boolean backingOff;

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

  /**
   * Whether an operator keeps it empty.
   *
   * @return whether no worker is started for it
   */
  public boolean drained() {
    return drained;
  }

  void drained(boolean value) {
    drained = value;
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
  void ended(Worker worker, ExitReport how) {
    if (current == worker) {
      current = null;
    }
    if (incoming == worker) {
      incoming = null;
    }
    lastExit = how;
    restarts++;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // the reactor is the only writer
  void diedEarly() {
    earlyDeaths++;
  }

  void forgetEarlyDeaths() {
    earlyDeaths = 0;
  }

  /** How many workers have died here before they served a call, since one has lived well. */
  int earlyDeaths() {
    return earlyDeaths;
  }

  boolean backingOff() {
    return backingOff;
  }

  void backingOff(boolean value) {
    backingOff = value;
  }
}
