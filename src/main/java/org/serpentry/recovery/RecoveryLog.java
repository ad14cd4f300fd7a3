// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.serpentry.spi.RecoveryEvent;

/** The last decisions of one pool. Any thread may call. */
public final class RecoveryLog {

  /** How many decisions are kept. */
  public static final int SIZE = 200;

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<RecoveryEvent> events = new ArrayDeque<>(SIZE);

  /**
   * Keeps a decision, and forgets the oldest when there are too many.
   *
   * @param event the decision
   */
  public void add(RecoveryEvent event) {
    lock.lock();
    try {
      if (events.size() == SIZE) {
        events.removeLast();
      }
      events.addFirst(event);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The decisions.
   *
   * @return a copy, newest first
   */
  public List<RecoveryEvent> events() {
    lock.lock();
    try {
      return new ArrayList<>(events);
    } finally {
      lock.unlock();
    }
  }
}
