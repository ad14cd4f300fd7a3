// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.serpentry.worker.Worker;

/**
 * The calls that wait: most for any worker, in one line, some for a certain one, in a line of its
 * own. Used under the checkout's lock, unless said otherwise.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // under the lock there is one writer
final class Waiters {

  private final Deque<Waiter> any = new ArrayDeque<>();
  private final Map<Worker, Deque<Waiter>> own = new HashMap<>();
  private volatile int insisting;
  private volatile int forAny;
  private volatile int capacity;
  private volatile long longestNanos;
  private volatile Waiter first;

  Waiters(int capacity) {
    this.capacity = capacity;
  }

  /** Changes how many may wait; who waits already stays. Any thread may call. */
  void capacity(int most) {
    capacity = most;
  }

  /** Whether no more may wait. */
  boolean full() {
    return size() >= capacity;
  }

  /** Notes how long one has waited. */
  void left(long nanos) {
    longestNanos = Math.max(longestNanos, nanos);
  }

  /** The longest wait since the start or the last {@link #forgetLongest}. */
  long longestNanos() {
    return longestNanos;
  }

  /** Forgets the longest wait so far. Any thread may call. */
  void forgetLongest() {
    longestNanos = 0;
  }

  /** How many wait. Any thread may ask. */
  int size() {
    return forAny + insisting;
  }

  /** How many wait for any worker. Any thread may ask. */
  int forAny() {
    return forAny;
  }

  void add(Waiter waiter) {
    if (waiter.wanted() == null) {
      any.addLast(waiter);
      anyChanged();
    } else {
      own.computeIfAbsent(waiter.wanted(), worker -> new ArrayDeque<>()).addLast(waiter);
      insisting++;
    }
  }

  private void anyChanged() {
    forAny = any.size();
    first = any.peekFirst();
  }

  /** Who has waited longest of those that a worker will do for, or null. */
  Waiter next(Worker worker) {
    Waiter longest = first;
    Deque<Waiter> line = insisting == 0 ? null : own.get(worker);
    if (line == null) {
      return longest;
    }
    Waiter insists = line.peekFirst();
    return longest == null || insists.since() - longest.since() < 0 ? insists : longest;
  }

  boolean remove(Waiter waiter) {
    if (waiter.wanted() == null) {
      boolean removed = any.remove(waiter);
      anyChanged();
      return removed;
    }
    Deque<Waiter> line = own.get(waiter.wanted());
    if (line == null || !line.remove(waiter)) {
      return false;
    }
    insisting--;
    if (line.isEmpty()) {
      own.remove(waiter.wanted());
    }
    return true;
  }

  /** Takes out all that wait for a certain worker. */
  List<Waiter> removeThoseOf(Worker worker) {
    Deque<Waiter> line = insisting == 0 ? null : own.remove(worker);
    if (line == null) {
      return List.of();
    }
    insisting -= line.size();
    return List.copyOf(line);
  }

  /** Takes out all. */
  List<Waiter> clear() {
    List<Waiter> all = new ArrayList<>(any);
    own.values().forEach(all::addAll);
    any.clear();
    own.clear();
    insisting = 0;
    anyChanged();
    return all;
  }

  void forEach(Consumer<Waiter> task) {
    any.forEach(task);
    own.values().forEach(line -> line.forEach(task));
  }

  /** The first that waits for any worker, or null. Any thread may ask. */
  Waiter first() {
    return first;
  }

  /**
   * How many have waited for any worker for so long, counted up to a number, and when the next one
   * will have, in nanoseconds from now.
   */
  Map.Entry<Integer, Long> waitedFor(long nanos, int most, long now) {
    int count = 0;
    for (Waiter waiter : any) {
      long left = nanos - (now - waiter.since());
      if (left > 0) {
        return Map.entry(count, left);
      }
      if (++count == most) {
        break;
      }
    }
    return Map.entry(count, Checkout.NEVER);
  }
}
