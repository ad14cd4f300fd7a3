// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.serpentry.api.Outcome;
import org.serpentry.api.PythonPoolException;
import org.serpentry.protocol.Frame;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.RunningCall.Origin;
import org.serpentry.worker.Worker;

/**
 * One call on a worker with several places. It ends exactly once: whoever {@link #claim}s it, the
 * reactor with a reply or a failure, or the caller that gives it up, may account for it. Its place
 * is another matter: it is free when the worker has answered, asked for or not.
 */
abstract class SharedCall {

  private static final Object CLAIMED = new Object();

  private final WorkerPool pool;
  private final CallRequest request;
  private final Worker worker;
  private final long id;
  private final long begin;
  private final String caller;
  private final Origin origin;
  private final AtomicReference<Object> end = new AtomicReference<>();

  // The reactor's: what became of it after it was given up.
  private Lane.Unwanted unwanted;

  SharedCall(
      WorkerPool pool,
      CallRequest request,
      Worker worker,
      long begin,
      String caller,
      Origin origin) {
    this.pool = pool;
    this.request = request;
    this.worker = worker;
    this.id = pool.nextRequestId();
    this.begin = begin;
    this.caller = caller;
    this.origin = origin;
  }

  final WorkerPool pool() {
    return pool;
  }

  final CallRequest request() {
    return request;
  }

  final Worker worker() {
    return worker;
  }

  final long id() {
    return id;
  }

  final long begin() {
    return begin;
  }

  /** As it runs now. */
  final RunningCall running() {
    return request.running(id, begin, caller, origin);
  }

  /** The right to end it; false when it has ended. Any thread. */
  final boolean claim() {
    return end.compareAndSet(null, CLAIMED);
  }

  /** Whether nobody has claimed it. */
  final boolean open() {
    return end.get() == null;
  }

  /** Ends a claimed call with its reply. */
  final void answer(Frame reply) {
    end.set(reply);
    wake();
  }

  /** Ends a claimed call with a failure, which is made where it is thrown. */
  final void fail(Supplier<? extends PythonPoolException> failure) {
    end.set(failure);
    wake();
  }

  /** Ends a claimed call with what was thrown when it was to be sent. */
  final void broke(Throwable thrown) {
    end.set(thrown);
    wake();
  }

  /**
   * A reply, a supplier of a failure, or something thrown; null before the end and when the caller
   * gave up.
   */
  final Object end() {
    Object now = end.get();
    return now == CLAIMED ? null : now;
  }

  /** Counts its end and tells the listeners. */
  final void ended(Outcome outcome) {
    pool.ended(worker, id, request, begin, outcome);
  }

  /** Where its items go; null when it is no stream. */
  Feed feed() {
    return null;
  }

  Lane.Unwanted unwanted() {
    return unwanted;
  }

  void unwanted(Lane.Unwanted climb) {
    unwanted = climb;
  }

  /** Tells the caller that it has ended; must not block. */
  abstract void wake();

  /** A call whose caller's thread waits for its end. */
  static final class Parked extends SharedCall {
    private final Thread thread = Thread.currentThread();

    Parked(WorkerPool pool, CallRequest request, Worker worker, long begin, Origin origin) {
      super(pool, request, worker, begin, Thread.currentThread().getName(), origin);
    }

    @Override
    void wake() {
      LockSupport.unpark(thread);
    }

    /** Waits for the end; null when the deadline or an interrupt came first: it is claimed then. */
    Object await(long deadline) {
      while (true) {
        Object end = end();
        if (end != null) {
          return end;
        }
        long left = deadline - pool().context().nanoTime().getAsLong();
        if (left <= 0 || Thread.currentThread().isInterrupted()) {
          return claim() ? null : awaitClaimed();
        }
        LockSupport.parkNanos(this, left);
      }
    }

    /** The reactor is about to end it. */
    private Object awaitClaimed() {
      Object end = end();
      while (end == null) {
        Thread.onSpinWait();
        end = end();
      }
      return end;
    }
  }
}
