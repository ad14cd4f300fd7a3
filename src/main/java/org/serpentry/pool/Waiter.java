// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.serpentry.api.PythonPoolException;
import org.serpentry.worker.Worker;

/**
 * A call that waits for a worker. It is settled exactly once: with a worker, with a failure, or by
 * giving up itself; whoever loses the race for that must deal with what it holds.
 */
abstract class Waiter {

  /** The outcome of waiting for one worker that serves nobody any more. */
  static final Object WORKER_LEFT = new Object();

  private static final Object GIVEN_UP = new Object();

  private final AtomicReference<Object> settled = new AtomicReference<>();
  private final long since;
  private final Worker wanted;

  Waiter(long since, Worker wanted) {
    this.since = since;
    this.wanted = wanted;
  }

  /** The only worker that will do; null when any will. */
  final Worker wanted() {
    return wanted;
  }

  /** The {@code nanoTime} at which it began to wait. */
  final long since() {
    return since;
  }

  /** Hands it a leased worker; false when it no longer waits. Called under the checkout's lock. */
  final boolean offer(Worker worker) {
    if (settled.compareAndSet(null, worker)) {
      wake();
      return true;
    }
    return false;
  }

  /** Ends its waiting with a failure; false when it no longer waits. */
  final boolean fail(PythonPoolException failure) {
    if (settled.compareAndSet(null, failure)) {
      wake();
      return true;
    }
    return false;
  }

  /** Ends its waiting, since the worker that it wants will not come. */
  final void workerLeft() {
    if (settled.compareAndSet(null, WORKER_LEFT)) {
      wake();
    }
  }

  /** Stops waiting; false when it has been settled already. */
  final boolean giveUp() {
    return settled.compareAndSet(null, GIVEN_UP);
  }

  /** What it was settled with: a Worker, a PythonPoolException, WORKER_LEFT, or null. */
  final Object outcome() {
    return settled.get();
  }

  /** Tells the waiting side that it has been settled; must not block. */
  abstract void wake();

  /** Has it look at its deadline, which an asynchronous call's timer does by itself. */
  void lookAgain() {}

  /** A thread that waits. */
  static final class Parked extends Waiter {
    private final Thread thread = Thread.currentThread();

    Parked(long since) {
      this(since, null);
    }

    Parked(long since, Worker wanted) {
      super(since, wanted);
    }

    @Override
    void wake() {
      LockSupport.unpark(thread);
    }

    @Override
    void lookAgain() {
      wake();
    }
  }

  /** An asynchronous call that waits. */
  static final class Queued extends Waiter {
    private final Runnable onSettled;

    Queued(long since, Runnable onSettled) {
      this(since, null, onSettled);
    }

    Queued(long since, Worker wanted, Runnable onSettled) {
      super(since, wanted);
      this.onSettled = onSettled;
    }

    @Override
    void wake() {
      onSettled.run();
    }
  }
}
