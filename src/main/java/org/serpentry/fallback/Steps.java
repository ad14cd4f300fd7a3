// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.serpentry.api.Service;
import org.serpentry.pool.ServiceView;

/**
 * Which step of a cascade answers now. Falling is at once; rising takes a probe, which is due when
 * the step has answered for its hold, and the hold is longer after each relapse: so a pool that
 * comes and goes does not take its callers along. Any thread.
 */
final class Steps {

  private static final int MOST_DOUBLINGS = 3;

  private final List<Service> allowed;
  private final Duration hold;
  private final LongSupplier nanoTime;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Service, LongAdder> answered = new EnumMap<>(Service.class);
  private volatile Service current = Service.POOL;
  private String reason = "";
  private Instant since;
  private long falls;
  private long returns;
  private int relapses;
  private volatile boolean quiet;
  private boolean risen;
  private long roseAt;

  /**
   * Begins with the pool.
   *
   * @param allowed the steps in their order, the pool first
   * @param hold how long a fallback answers at least
   * @param nanoTime measures the hold
   * @param clock stamps changes
   */
  Steps(List<Service> allowed, Duration hold, LongSupplier nanoTime, Clock clock) {
    this.allowed = List.copyOf(allowed);
    this.hold = hold;
    this.nanoTime = nanoTime;
    this.clock = clock;
    allowed.forEach(step -> answered.put(step, new LongAdder()));
  }

  /** What answers now. */
  Service current() {
    return current;
  }

  /** Whether nothing could answer, and nothing has since: calls ask from the top then. */
  boolean silent() {
    return quiet;
  }

  boolean allows(Service step) {
    return allowed.contains(step);
  }

  /** What became of a fall: the step to go on with, null for none, and whether it is a change. */
  record Fall(Service to, boolean changed) {}

  /** A step cannot answer. */
  Fall fell(Service from, String why) {
    lock.lock();
    try {
      if (current != from) {
        return new Fall(current, false); // Another call has found that before, or the pool is back.
      }
      int next = allowed.indexOf(from) + 1;
      if (next == allowed.size()) {
        boolean news = from != Service.POOL && !quiet;
        change(Service.POOL, ""); // Nothing is left: the next call asks from the top again.
        quiet = true;
        return new Fall(null, news);
      }
      if (from == Service.POOL) {
        boolean relapse = risen && nanoTime.getAsLong() - roseAt < longest();
        relapses = relapse ? Math.min(MOST_DOUBLINGS, relapses + 1) : 0;
      }
      falls++;
      change(allowed.get(next), why);
      return new Fall(current, !quiet);
    } finally {
      lock.unlock();
    }
  }

  private long longest() {
    return hold.toNanos() << MOST_DOUBLINGS;
  }

  private void change(Service to, String why) {
    current = to;
    reason = why;
    since = clock.instant();
  }

  /** A step above answers again. Returns whether that is a change. */
  boolean rose(Service to) {
    lock.lock();
    try {
      if (allowed.indexOf(to) >= allowed.indexOf(current)) {
        return false;
      }
      returns++;
      if (to == Service.POOL) {
        risen = true;
        roseAt = nanoTime.getAsLong();
      }
      change(to, to == Service.POOL ? "" : reason);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** How long what answers now does so before a step above it is tried. */
  Duration hold() {
    lock.lock();
    try {
      return hold.multipliedBy(1L << relapses);
    } finally {
      lock.unlock();
    }
  }

  /**
   * A step has answered a call. Returns whether that is a change: nothing answered before. Until
   * then each call asks all steps, which is no news.
   */
  boolean answered(Service step) {
    answered.get(step).increment();
    if (!quiet) {
      return false;
    }
    lock.lock();
    try {
      boolean news = quiet;
      quiet = false;
      return news;
    } finally {
      lock.unlock();
    }
  }

  /** How it stands. {@code own} is what is known of the pool itself. */
  ServiceView view(ServiceView own) {
    lock.lock();
    try {
      Map<Service, Long> counts = new EnumMap<>(Service.class);
      answered.forEach((step, count) -> counts.put(step, count.sum()));
      boolean pool = current == Service.POOL;
      return new ServiceView(
          pool ? own.service() : current,
          pool ? own.reason() : reason,
          since,
          falls,
          returns,
          counts);
    } finally {
      lock.unlock();
    }
  }
}
