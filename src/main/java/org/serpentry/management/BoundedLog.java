// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** The last few of something, newest first. Any thread may call. */
final class BoundedLog<T> {

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<T> items = new ArrayDeque<>();
  private final int capacity;

  BoundedLog(int capacity) {
    this.capacity = capacity;
  }

  /** Adds an item, unless it is there already; drops the oldest when it is full. */
  void add(T item) {
    lock.lock();
    try {
      if (items.contains(item)) {
        return;
      }
      items.addFirst(item);
      if (items.size() > capacity) {
        items.removeLast();
      }
    } finally {
      lock.unlock();
    }
  }

  /** A copy, newest first. */
  List<T> items() {
    lock.lock();
    try {
      return new ArrayList<>(items);
    } finally {
      lock.unlock();
    }
  }
}
