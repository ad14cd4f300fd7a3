// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;

/**
 * A worker's state in one atomic value. The lease's two moves are bare compare-and-set; every other
 * move is recorded. Any thread may call; nothing blocks but the short lock around the history,
 * which the call path never takes.
 */
public final class WorkerStateMachine {

  private static final int HISTORY = 50;

  private final AtomicReference<WorkerState> state =
      new AtomicReference<>(WorkerState.INITIALIZING);
  private final Clock clock;
  private final int places;
  private final AtomicInteger taken = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Transition> history = new ArrayDeque<>();
  private Instant since;

  /**
   * A machine in {@link WorkerState#INITIALIZING}.
   *
   * @param clock stamps the history
   */
  public WorkerStateMachine(Clock clock) {
    this(clock, 1);
  }

  /**
   * A machine of a worker with several places in {@link WorkerState#INITIALIZING}.
   *
   * @param clock stamps the history
   * @param places how many calls the worker can run at once
   */
  public WorkerStateMachine(Clock clock, int places) {
    this.clock = clock;
    this.places = places;
    this.since = clock.instant();
  }

  /**
   * The state now.
   *
   * @return the state
   */
  public WorkerState state() {
    return state.get();
  }

  /**
   * Leases the worker, whole.
   *
   * @return whether it was ready and is busy now
   */
  public boolean tryLease() {
    return state.compareAndSet(WorkerState.READY, WorkerState.BUSY);
  }

  /**
   * Ends a lease that left the worker well.
   *
   * @return whether it was busy and is ready now
   */
  public boolean tryRelease() {
    return state.compareAndSet(WorkerState.BUSY, WorkerState.READY);
  }

  // ---- several places

  /**
   * How many calls the worker can run at once.
   *
   * @return at least 1
   */
  public int places() {
    return places;
  }

  /**
   * How many places of a worker with several are taken; none while it is leased whole.
   *
   * @return 0 to {@link #places}
   */
  public int taken() {
    return taken.get();
  }

  /**
   * Whether a call runs on the worker, or may.
   *
   * @return whether it is leased, or a place of it
   */
  public boolean inUse() {
    return state.get() == WorkerState.BUSY || taken.get() > 0;
  }

  /**
   * Takes one place; with the last one the worker is busy. Called under the checkout's lock.
   *
   * @return whether it was ready and had a free one
   */
  public boolean tryTakePlace() {
    if (state.get() != WorkerState.READY) {
      return false;
    }
    boolean last = taken.incrementAndGet() == places;
    // Whoever ends the worker meanwhile sees either the place taken or none.
    if (last ? tryLease() : state.get() == WorkerState.READY) {
      return true;
    }
    taken.decrementAndGet();
    return false;
  }

  /**
   * Gives one place back. Called under the checkout's lock.
   *
   * @return whether the worker is ready now
   */
  public boolean tryGivePlaceBack() {
    taken.decrementAndGet();
    tryRelease();
    return state.get() == WorkerState.READY;
  }

  /**
   * Moves to another state and records it.
   *
   * @param next the state to move to
   * @param reason why, in a few words
   * @param metadata what else is known
   * @return the recorded transition
   * @throws IllegalTransitionException when the move is not legal from the state it is in
   */
  public Transition transition(WorkerState next, String reason, Map<String, String> metadata) {
    while (true) {
      WorkerState current = state.get();
      if (!current.mayBecome(next)) {
        throw new IllegalTransitionException(current, next);
      }
      if (state.compareAndSet(current, next)) {
        return record(current, next, reason, metadata);
      }
    }
  }

  private Transition record(
      WorkerState from, WorkerState to, String reason, Map<String, String> metadata) {
    Instant now = clock.instant();
    lock.lock();
    try {
      Transition transition =
          new Transition(from, to, reason, Duration.between(since, now), now, Map.copyOf(metadata));
      since = now;
      history.addFirst(transition);
      if (history.size() > HISTORY) {
        history.removeLast();
      }
      return transition;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The recorded moves, newest first, at most 50.
   *
   * @return a copy
   */
  public List<Transition> history() {
    lock.lock();
    try {
      return new ArrayList<>(history);
    } finally {
      lock.unlock();
    }
  }
}
