// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.serpentry.protocol.Credit;

/**
 * A call that a worker of the bridge mock runs: whether it has been cancelled, and how much of a
 * stream it may send. Any thread.
 */
final class FakeRun {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean cancelled;
  private long items;
  private long bytes;

  /** The host wants it no more, or the worker dies. */
  void cancel() {
    lock.lock();
    try {
      cancelled = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void grant(Credit credit) {
    lock.lock();
    try {
      items += credit.items();
      bytes += credit.bytes();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits; returns early, and true, when it is cancelled. */
  boolean cancelledWithin(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (!cancelled && left > 0) {
        left = changed.awaitNanos(left);
      }
      return cancelled;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it is cancelled. */
  void awaitCancelled() throws InterruptedException {
    lock.lock();
    try {
      while (!cancelled) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for credit and takes it for one item; false when the call is cancelled instead. */
  boolean take(int length) throws InterruptedException {
    lock.lock();
    try {
      while (!cancelled && (items <= 0 || bytes <= 0)) {
        changed.await();
      }
      items--;
      bytes -= length;
      return !cancelled;
    } finally {
      lock.unlock();
    }
  }
}
