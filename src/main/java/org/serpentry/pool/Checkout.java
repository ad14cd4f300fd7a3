// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.WorkerState;
import org.serpentry.worker.Worker;

/**
 * Who gets which worker. Idle workers are kept last in, first out, so that a lightly loaded pool
 * uses its warmest; waiters are served first in, first out, and none is overtaken: while one waits,
 * no worker is idle. The lock is held for a few queue operations, never across input or output.
 *
 * <p>Any thread calls; only {@link #await} blocks.
 */
final class Checkout {

  /** What keeps calls out, from the weakest to the strongest. */
  enum Barrier {
    /** No worker can be started. */
    FAULT,
    /** An operator suspended the pool. */
    SUSPENDED,
    /** The pool is closed. */
    CLOSED
  }

  /** The wait for what does not come. */
  static final long NEVER = Long.MAX_VALUE;

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Worker> idle = new ArrayDeque<>();
  private final Waiters waiters;
  private final LongSupplier nanoTime;
  private final Runnable demand;
  // Replaced under the lock; the last in the order of the constants is the one that callers meet.
  private volatile Map<Barrier, Supplier<PythonPoolException>> barriers =
      new EnumMap<>(Barrier.class);
  private Consumer<Worker> notReady = worker -> {};

  Checkout(LongSupplier nanoTime, int capacity, Runnable demand) {
    this.nanoTime = nanoTime;
    this.waiters = new Waiters(capacity);
    this.demand = demand;
  }

  /** Sets who hears of an idle worker that was not ready; must not block. Called once, at first. */
  void whenNotReady(Consumer<Worker> listener) {
    notReady = listener;
  }

  /** Leases an idle worker; null when there is none. Throws what bars the way. */
  Worker poll() {
    lock.lock();
    try {
      if (!barriers.isEmpty()) {
        throw failureOfBarrier();
      }
      for (Worker worker = idle.pollFirst(); worker != null; worker = idle.pollFirst()) {
        if (take(worker)) {
          return worker;
        }
        notReady.accept(worker);
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Leases a certain worker when it is idle; else, unless only that one will do, another. Null when
   * there is none.
   */
  Worker poll(Worker preferred, boolean only) {
    lock.lock();
    try {
      if (!barriers.isEmpty()) {
        throw failureOfBarrier();
      }
      if (idle.remove(preferred)) {
        if (take(preferred)) {
          return preferred;
        }
        notReady.accept(preferred);
      }
      return only ? null : poll();
    } finally {
      lock.unlock();
    }
  }

  /** Leases the idle worker with the least burden; null when there is none. */
  Worker pollLeast(ToIntFunction<Worker> burden) {
    lock.lock();
    try {
      Optional<Worker> least = idle.stream().min(Comparator.comparingInt(burden));
      return least.isPresent() ? poll(least.get(), false) : poll();
    } finally {
      lock.unlock();
    }
  }

  /** Puts a waiter into the queue, or settles it at once; false when the queue is full. */
  boolean enqueue(Waiter waiter) {
    lock.lock();
    try {
      Worker wanted = waiter.wanted();
      Worker worker = wanted == null ? poll() : poll(wanted, true);
      if (worker != null) {
        waiter.offer(worker);
        return true;
      }
      if (wanted != null && leaving(wanted)) {
        waiter.workerLeft();
        return true;
      }
      if (waiters.full()) {
        return false;
      }
      waiters.add(waiter);
      if (wanted != null) {
        return true; // No further worker would help.
      }
    } finally {
      lock.unlock();
    }
    demand.run();
    return true;
  }

  /**
   * Waits in the calling thread until the waiter is settled, the deadline passes or the thread is
   * interrupted; returns what it was settled with, or null when it gave up.
   */
  Object await(Waiter waiter, long deadline) {
    while (waiter.outcome() == null) {
      long left = deadline - nanoTime.getAsLong();
      if (left <= 0 || Thread.currentThread().isInterrupted()) {
        return giveUp(waiter) ? null : waiter.outcome();
      }
      LockSupport.parkNanos(this, left);
    }
    return waiter.outcome();
  }

  /** Has every waiter look at its deadline, since the clock jumped. */
  void lookAgain() {
    lock.lock();
    try {
      waiters.forEach(Waiter::lookAgain);
    } finally {
      lock.unlock();
    }
  }

  /** Takes a waiter out of the queue; false when it has been settled. */
  boolean giveUp(Waiter waiter) {
    if (!waiter.giveUp()) {
      return false;
    }
    lock.lock();
    try {
      if (waiters.remove(waiter)) {
        left(waiter);
      }
    } finally {
      lock.unlock();
    }
    return true;
  }

  private void left(Waiter waiter) {
    waiters.left(nanoTime.getAsLong() - waiter.since());
  }

  /** Takes in a worker that has become ready. */
  void admit(Worker worker) {
    lock.lock();
    try {
      if (worker.machine().places() > 1) {
        share(worker);
      } else if (worker.machine().tryLease()) {
        handOver(worker);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes back a leased worker and gives it to the first waiter. False when it may not serve on,
   * being retired or dead: it is then the caller's to end.
   */
  boolean giveBack(Worker worker) {
    lock.lock();
    try {
      // Under the lock, so that a retirement either is seen here or finds the worker among the
      // idle.
      if (worker.machine().taken() > 0) {
        return givePlaceBack(worker);
      }
      if (worker.retiring() || worker.machine().state() != WorkerState.BUSY) {
        dismissWaitersOf(worker);
        return false;
      }
      return handOver(worker);
    } finally {
      lock.unlock();
    }
  }

  /** Gives a lease to the first that still waits; false when nobody does. */
  private boolean pass(Worker worker) {
    for (Waiter w = waiters.next(worker); w != null; w = waiters.next(worker)) {
      waiters.remove(w);
      left(w);
      if (w.offer(worker)) {
        return true;
      }
    }
    return false;
  }

  private static boolean leaving(Worker worker) {
    return worker.retiring() || !worker.machine().state().mayBecome(WorkerState.TERMINATING);
  }

  private void dismissWaitersOf(Worker worker) {
    if (leaving(worker)) {
      for (Waiter waiter : waiters.removeThoseOf(worker)) {
        left(waiter);
        waiter.workerLeft();
      }
    }
  }

  private boolean handOver(Worker worker) {
    if (worker.machine().places() == 1 && pass(worker)) {
      return true;
    }
    if (!worker.machine().tryRelease()) {
      return false;
    }
    if (worker.machine().places() > 1) {
      share(worker);
    } else {
      idle.addFirst(worker);
    }
    return true;
  }

  // ---- workers with several places: idle are those that have a free one

  /** Leases an idle worker that has just been taken out, or one place of it. */
  private boolean take(Worker worker) {
    if (worker.machine().places() == 1) {
      return worker.machine().tryLease();
    }
    if (!worker.machine().tryTakePlace()) {
      return false;
    }
    if (worker.machine().state() == WorkerState.READY) {
      idle.addLast(worker); // In turn, so that calls spread.
    }
    return true;
  }

  /** Gives the free places of a worker to those that wait; with one left it is idle. */
  private void share(Worker worker) {
    while (waiters.next(worker) != null && worker.machine().tryTakePlace()) {
      if (!pass(worker)) {
        worker.machine().tryGivePlaceBack();
      }
    }
    if (worker.machine().state() == WorkerState.READY && !idle.contains(worker)) {
      idle.addFirst(worker);
    }
  }

  private boolean givePlaceBack(Worker worker) {
    boolean serving =
        worker.machine().state() == WorkerState.READY
            || worker.machine().state() == WorkerState.BUSY;
    if (serving && !worker.retiring() && pass(worker)) {
      return true;
    }
    if (!worker.machine().tryGivePlaceBack() || worker.retiring()) {
      dismissWaitersOf(worker);
      return false;
    }
    share(worker);
    return true;
  }

  /**
   * Takes an idle worker away, for its end or a probe; false when it is leased or not there. One
   * with several places of which some are taken stays, unless it is to end.
   */
  boolean withdraw(Worker worker) {
    lock.lock();
    try {
      dismissWaitersOf(worker);
      boolean taken = worker.machine().taken() > 0;
      if (taken && worker.machine().state() == WorkerState.READY && !worker.retiring()) {
        return false;
      }
      return idle.remove(worker) && !taken;
    } finally {
      lock.unlock();
    }
  }

  private PythonPoolException failureOfBarrier() {
    return barriers.values().stream().reduce((weaker, stronger) -> stronger).orElseThrow().get();
  }

  /** Lets no more calls in and ends those that wait, until {@link #lift}. */
  void bar(Barrier barrier, Supplier<PythonPoolException> reason) {
    List<Waiter> ended;
    lock.lock();
    try {
      changeBarriers(standing -> standing.put(barrier, reason));
      ended = waiters.clear();
      ended.forEach(this::left);
    } finally {
      lock.unlock();
    }
    ended.forEach(waiter -> waiter.fail(reason.get()));
  }

  /** Takes a barrier away; false when it did not stand. */
  boolean lift(Barrier barrier) {
    lock.lock();
    try {
      boolean stood = barriers.containsKey(barrier);
      changeBarriers(standing -> standing.remove(barrier));
      return stood;
    } finally {
      lock.unlock();
    }
  }

  private void changeBarriers(Consumer<Map<Barrier, Supplier<PythonPoolException>>> change) {
    Map<Barrier, Supplier<PythonPoolException>> next = new EnumMap<>(barriers);
    change.accept(next);
    barriers = next;
  }

  /** Whether a barrier stands. Takes no lock. */
  boolean barred(Barrier barrier) {
    return barriers.containsKey(barrier);
  }

  /** Those that wait, for what any thread may do with them. */
  Waiters waiters() {
    return waiters;
  }

  /** How many calls wait for any worker. */
  int waiting() {
    return waiters.forAny();
  }

  /**
   * How many calls have waited for so long, counted up to a number, and when the next one will
   * have, in nanoseconds from now, {@link #NEVER} when none else waits.
   */
  Map.Entry<Integer, Long> waitedFor(long nanos, int most) {
    lock.lock();
    try {
      return waiters.waitedFor(nanos, most, nanoTime.getAsLong());
    } finally {
      lock.unlock();
    }
  }

  /**
   * How long the first in the queue has waited, and the longest wait so far, in nanoseconds. Takes
   * no lock.
   */
  Map.Entry<Long, Long> waits() {
    Waiter first = waiters.first();
    long now = first == null ? 0 : nanoTime.getAsLong() - first.since();
    return Map.entry(now, Math.max(now, waiters.longestNanos()));
  }
}
