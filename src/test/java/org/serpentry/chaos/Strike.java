// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.util.Locale;

/**
 * One blow of the adversary.
 *
 * @param atMillis when, from the beginning of the load
 * @param kind what it does
 * @param target whom it meets: a number from which the slot or thread is chosen at its time
 * @param amount how much of it, 1 to 1000; each kind has its own scale
 */
record Strike(long atMillis, Kind kind, int target, int amount) {

  private static final int OUTAGE = 0;

  /** What the adversary does. The weight says how often, compared with the others. */
  enum Kind {
    /** SIGKILL to a worker. */
    KILL_WORKER(8),
    /** SIGSTOP to a worker, and SIGCONT up to a second later. */
    PAUSE_WORKER(4),
    /** SIGSTOP to a worker, and nothing after it. */
    STOP_WORKER(3),
    /** {@code os._exit} of the next worker that has read a call. */
    EXIT_READING(3),
    /** {@code os._exit} of the next worker that would reply. */
    EXIT_BEFORE_REPLY(3),
    /** {@code os._exit} in the middle of the next reply. */
    EXIT_MID_REPLY(3),
    /** {@code os._exit} after the next reply. */
    EXIT_AFTER_REPLY(3),
    /** SIGSEGV of the next worker that would reply. */
    SEGFAULT(3),
    /** Garbage instead of the next reply. */
    GARBAGE_REPLY(3),
    /** Garbage as the second half of the next reply. */
    GARBAGE_MID_REPLY(3),
    /** A reply to a call that nobody made. */
    FOREIGN_REPLY(2),
    /** A reply twice. */
    SECOND_REPLY(3),
    /** A reply up to a second late, without ear for a cancel. */
    LATE_REPLY(5),
    /** A worker that never replies, without ear for a cancel. */
    HANG(3),
    /** Up to 4 MB printed in one go. */
    FLOOD(3),
    /** Up to 20 MB that a worker never gives back. */
    LEAK(3),
    /** A worker that takes up to two seconds to start. */
    SLOW_START(3),
    /** A worker that dies before or within the handshake, or right after it. */
    DEAD_START(4),
    /** A worker that greets with garbage. */
    GARBAGE_HELLO(2),
    /** A listener that keeps the control thread for up to 300 ms. */
    SLOW_LISTENER(4),
    /** An interrupt of a calling thread. */
    INTERRUPT(3),
    /** Every worker is replaced, one by one. */
    RECYCLE(1),
    /** The code is loaded anew. */
    RELOAD(3),
    /** The code is loaded anew, and the next import fails. */
    BROKEN_RELOAD(1),
    /** SIGKILL to the launcher. */
    KILL_LAUNCHER(OUTAGE),
    /** SIGSTOP to the launcher. */
    STOP_LAUNCHER(OUTAGE),
    /** SIGKILL to the template. */
    KILL_TEMPLATE(OUTAGE),
    /** SIGSTOP to the template. */
    STOP_TEMPLATE(OUTAGE),
    /** The next template's import takes up to two seconds. */
    SLOW_IMPORT(OUTAGE);

    private final int weight;

    Kind(int weight) {
      this.weight = weight;
    }

    int weight() {
      return weight;
    }

    /**
     * Whether no worker can be started for a while after it. Such strikes have a time of their own:
     * a pool that is down most of the time would hardly be tried by anything else.
     */
    boolean outage() {
      return weight == OUTAGE;
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%8d ms  %-18s target %d amount %d", atMillis, kind, target, amount);
  }
}
