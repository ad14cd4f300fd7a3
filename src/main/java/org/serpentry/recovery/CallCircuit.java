// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.serpentry.api.BreakerState;

/**
 * One circuit: after so many failures in a row it opens and refuses calls; after a time it
 * half-opens and lets a few run at a time; so many successes in a row close it, one failure opens
 * it again. What ends after the circuit has moved on does not count any more. Any thread may call;
 * the hearer of its changes is called with its lock held, in order, and must not block. Whoever
 * only looks takes no lock: each figure is right, though one may be of a moment later than another.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // under the lock there is one writer
public final class CallCircuit {

  /**
   * The numbers.
   *
   * @param failures that open it, at least 1
   * @param successes that close it, at least 1
   * @param openTime how long it stays open
   * @param trials that run at a time while it is half open, at least 1
   */
  public record Limits(int failures, int successes, Duration openTime, int trials) {}

  /** What the end of a call says. */
  public enum Verdict {
    /** It was answered. */
    GOOD,
    /** It failed in a way that counts. */
    BAD,
    /** Nothing: it never ran, or its caller gave it up. */
    NONE
  }

  /** Hears changes. */
  @FunctionalInterface
  public interface Hearer {
    /**
     * The circuit has moved.
     *
     * @param from the state before
     * @param to the state now
     * @param cause the last failure, or what closed it
     */
    void changed(BreakerState from, BreakerState to, String cause);
  }

  /** What {@link #admit} says of a call that is refused. */
  public static final long REFUSED = -1;

  private static final AtomicLong ERAS = new AtomicLong();

  private final Limits limits;
  private final LongSupplier nanoTime;
  private final Hearer hearer;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile BreakerState state = BreakerState.CLOSED;
  private volatile int failed;
  private volatile int succeeded;
  private int running;
  private volatile long since;
  private long era = ERAS.getAndAdd(1L << 20); // never that of another circuit before it
  private volatile long refusals;
  private volatile String cause = "";

  /**
   * A closed circuit.
   *
   * @param limits its numbers
   * @param nanoTime the clock, as {@link System#nanoTime()}
   * @param hearer hears its changes
   */
  public CallCircuit(Limits limits, LongSupplier nanoTime, Hearer hearer) {
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.hearer = hearer;
  }

  /**
   * Lets a call pass, whose end must be told to {@link #ended}, or refuses it.
   *
   * @return what to tell then, or {@link #REFUSED}
   */
  public long admit() {
    lock.lock();
    try {
      look();
      if (state == BreakerState.OPEN
          || (state == BreakerState.HALF_OPEN && running >= limits.trials())) {
        refusals++;
        return REFUSED;
      }
      running += state == BreakerState.HALF_OPEN ? 1 : 0;
      return era;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the end of a call.
   *
   * @param admission what {@link #admit} said; {@code -1} for one that nobody asked about, which
   *     counts while the circuit is closed
   * @param verdict what it says
   * @param failure the failure's text, or null
   */
  public void ended(long admission, Verdict verdict, String failure) {
    lock.lock();
    try {
      boolean unasked = admission == REFUSED;
      if (unasked ? state != BreakerState.CLOSED : admission != era) {
        return;
      }
      if (verdict == Verdict.BAD) {
        cause = failure;
      }
      if (state == BreakerState.HALF_OPEN) {
        running--;
        trial(verdict);
      } else if (verdict == Verdict.GOOD) {
        forgetFailures();
      } else if (verdict == Verdict.BAD && ++failed >= limits.failures()) {
        become(BreakerState.OPEN, failure);
      }
    } finally {
      lock.unlock();
    }
  }

  private void forgetFailures() {
    if (failed != 0) { // Each call comes by here: a write to what others read is not for nothing.
      failed = 0;
    }
  }

  private void trial(Verdict verdict) {
    if (verdict == Verdict.BAD) {
      become(BreakerState.OPEN, cause);
    } else if (verdict == Verdict.GOOD && ++succeeded >= limits.successes()) {
      become(BreakerState.CLOSED, succeeded + " trial calls succeeded");
    }
  }

  /** Half-opens it when its time has come; whoever owns it may ask at any time. */
  public void look() {
    lock.lock();
    try {
      if (state == BreakerState.OPEN && left() <= 0) {
        become(BreakerState.HALF_OPEN, cause);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Closes it by hand and forgets the failures so far. */
  public void reset() {
    lock.lock();
    try {
      if (state == BreakerState.CLOSED) {
        failed = 0;
      } else {
        become(BreakerState.CLOSED, "it was reset by hand");
      }
    } finally {
      lock.unlock();
    }
  }

  private void become(BreakerState next, String why) {
    BreakerState before = state;
    state = next;
    since = nanoTime.getAsLong();
    era++;
    failed = 0;
    succeeded = 0;
    running = 0;
    hearer.changed(before, next, why);
  }

  private long left() {
    return limits.openTime().toNanos() - (nanoTime.getAsLong() - since);
  }

  /**
   * Whether it is closed and no failure counts, so that it may be forgotten.
   *
   * @return whether
   */
  public boolean quiet() {
    return state == BreakerState.CLOSED && failed == 0;
  }

  /**
   * How it is now.
   *
   * @param name the circuit's name, to be shown with it
   * @return its state at this moment
   */
  public CircuitView view(String name) {
    BreakerState now = state;
    long remaining = now == BreakerState.OPEN ? Math.max(0, left()) : 0;
    return new CircuitView(name, now, failed, succeeded, refusals, remaining / 1_000_000, cause);
  }
}
