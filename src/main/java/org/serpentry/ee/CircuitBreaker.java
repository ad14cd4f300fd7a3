// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The circuit breaker of asynchronous calls, as MicroProfile Fault Tolerance describes it: when of
 * the last calls too many failed, it opens and refuses all for a while; then it lets as many trial
 * calls pass as must succeed to close it. What one knows of a call that began before the breaker
 * opened or closed does not count any more. Any thread may call.
 */
final class CircuitBreaker {

  /** What the end of a call says about the pool. */
  enum Verdict {
    GOOD,
    BAD,
    /** It never got as far as a worker, or its caller gave it up. */
    NONE
  }

  /**
   * The parameters, named as MicroProfile Fault Tolerance's.
   *
   * @param requestVolumeThreshold as many calls are looked back on, one at the least
   * @param failureRatio at which it opens, 0 to 1
   * @param delay how long it stays open
   * @param successThreshold as many trial calls must succeed, one at the least
   */
  record Settings(
      int requestVolumeThreshold, double failureRatio, Duration delay, int successThreshold) {}

  /** A refused call's. */
  static final long REFUSED = -1;

  private static final Duration CENTURY = Duration.ofDays(36_525);

  private final Settings settings;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final BitSet failed = new BitSet();
  private int seen;
  private int oldest;
  private boolean closed = true;
  private boolean trying;
  private long openedAt;
  private int trials;
  private int succeeded;
  private long era;
  private String lastFailure = "none";

  CircuitBreaker(Settings settings, LongSupplier nanoTime) {
    this.settings = settings;
    this.nanoTime = nanoTime;
  }

  /**
   * Lets a call pass, which must be told to {@link #ended}, or refuses it.
   *
   * @return what to tell then, or {@link #REFUSED}
   */
  long admit() {
    lock.lock();
    try {
      if (closed) {
        return era;
      }
      if (!trying) {
        if (nanosLeft() > 0) {
          return REFUSED;
        }
        trying = true;
        era++;
        trials = 0;
        succeeded = 0;
      }
      if (trials >= settings.successThreshold()) {
        return REFUSED;
      }
      trials++;
      return era;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the end of a call.
   *
   * @param admission what {@link #admit} returned
   * @param verdict what it says
   * @param failure the failure's text, for {@link #lastFailure}; null when there is none
   */
  void ended(long admission, Verdict verdict, String failure) {
    lock.lock();
    try {
      if (admission != era) {
        return;
      }
      if (verdict == Verdict.BAD) {
        lastFailure = failure;
      }
      if (closed) {
        count(verdict);
      } else {
        countTrial(verdict);
      }
    } finally {
      lock.unlock();
    }
  }

  private void count(Verdict verdict) {
    if (verdict == Verdict.NONE) {
      return;
    }
    failed.set(oldest, verdict == Verdict.BAD);
    oldest = (oldest + 1) % settings.requestVolumeThreshold();
    seen = Math.min(seen + 1, settings.requestVolumeThreshold());
    if (seen == settings.requestVolumeThreshold()
        && failed.cardinality() >= settings.failureRatio() * seen) {
      open();
    }
  }

  private void countTrial(Verdict verdict) {
    switch (verdict) {
      case NONE -> trials--;
      case BAD -> open();
      case GOOD -> {
        succeeded++;
        if (succeeded == settings.successThreshold()) {
          closed = true;
          trying = false;
          era++;
          failed.clear();
          seen = 0;
          oldest = 0;
        }
      }
    }
  }

  private void open() {
    closed = false;
    trying = false;
    era++;
    openedAt = nanoTime.getAsLong();
  }

  private long nanosLeft() {
    Duration delay = settings.delay().compareTo(CENTURY) < 0 ? settings.delay() : CENTURY;
    return delay.toNanos() - (nanoTime.getAsLong() - openedAt);
  }

  /** Time until a trial call may pass; zero when one is on its way or may. */
  Duration retryAfter() {
    lock.lock();
    try {
      return closed || trying ? Duration.ZERO : Duration.ofNanos(Math.max(0, nanosLeft()));
    } finally {
      lock.unlock();
    }
  }

  /** What failed last. */
  String lastFailure() {
    lock.lock();
    try {
      return lastFailure;
    } finally {
      lock.unlock();
    }
  }
}
