// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.serpentry.api.PythonPoolException;

/**
 * The items of one stream between their worker and their reader; as the type of its request, what
 * tells the call of a stream from any other. The worker is never further ahead of the reader than
 * its credit lets it, which grows again as items are taken.
 *
 * <p>The reactor offers, one reader takes, and whoever hears of the end first tells it; any thread
 * may do so.
 */
final class Inflow implements Type {

  /** One item as it came. */
  interface Item {
    /** What the reader wants it to be. Throws when it cannot become that. */
    Object value();

    /** The reader has taken it, so that another may come. */
    void taken();
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Type itemType;
  private final Duration idle;
  private final Runnable listener;

  private volatile Predicate<PythonPoolException> goesOn = failure -> false;

  // Under the lock.
  private final Queue<Item> items = new ArrayDeque<>();
  private Supplier<? extends Throwable> end;
  private boolean closed;

  /**
   * A stream that is about to begin.
   *
   * @param itemType what its items become
   * @param idle the longest wait for an item, or null for the pool's
   * @param listener told that something has come, or the end; must not block
   */
  Inflow(Type itemType, Duration idle, Runnable listener) {
    this.itemType = itemType;
    this.idle = idle;
    this.listener = listener;
  }

  Type itemType() {
    return itemType;
  }

  Duration idle() {
    return idle;
  }

  @Override
  public String getTypeName() {
    return "stream of " + itemType.getTypeName();
  }

  // ---- the worker's side

  /** An item has come. */
  void offer(Item item) {
    lock.lock();
    try {
      if (closed || end != null) {
        return; // Of a call that has been given up.
      }
      items.add(item);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    listener.run();
  }

  /** After some failures somebody else goes on. Called before the call begins. */
  void goesOnAfter(Predicate<PythonPoolException> failures) {
    goesOn = failures;
  }

  /** Its call has failed for good, unless somebody goes on after such a failure. */
  void callFailed(PythonPoolException failure) {
    if (!goesOn.test(failure)) {
      failed(() -> failure);
    }
  }

  /** There are no more items. The first who says so is heard. */
  void ended() {
    failed(() -> null);
  }

  /** As {@link #ended}, because of a failure, which is made where it is thrown. */
  void failed(Supplier<? extends Throwable> failure) {
    lock.lock();
    try {
      if (end != null) {
        return;
      }
      end = failure;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    listener.run();
  }

  // ---- the reader's side

  /** The next item, or null when there is none yet, or none any more. */
  Item poll() {
    Item item;
    lock.lock();
    try {
      item = items.poll();
    } finally {
      lock.unlock();
    }
    if (item != null) {
      item.taken();
    }
    return item;
  }

  /**
   * Waits for the next item.
   *
   * @return the item, or null when there are no more
   * @throws InterruptedException when the thread is interrupted first
   */
  Item take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (items.isEmpty() && end == null && !closed) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
    return poll();
  }

  /** What tells how it ended, once all items have been taken; null before. */
  Supplier<? extends Throwable> endReached() {
    lock.lock();
    try {
      return items.isEmpty() ? end : null;
    } finally {
      lock.unlock();
    }
  }

  /** The reader wants no more; false when it had said so or there is no more. */
  boolean close() {
    lock.lock();
    try {
      boolean open = !closed && end == null;
      closed = true;
      items.clear();
      changed.signalAll();
      return open;
    } finally {
      lock.unlock();
    }
  }
}
