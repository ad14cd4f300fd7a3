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

  private static final Object GIVEN_UP = new Object();

  private final AtomicReference<Object> settled = new AtomicReference<>();
  private final long since;

  Waiter(long since) {
    this.since = since;
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

  /** Stops waiting; false when it has been settled already. */
  final boolean giveUp() {
    return settled.compareAndSet(null, GIVEN_UP);
  }

  /** What it was settled with: a Worker, a PythonPoolException, or null. */
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
      super(since);
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
      super(since);
      this.onSettled = onSettled;
    }

    @Override
    void wake() {
      onSettled.run();
    }
  }
}
