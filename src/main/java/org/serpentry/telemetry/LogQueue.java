// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes log entries on a thread of its own, since a log may block. What the bounded queue cannot
 * take is dropped, counted and told. Any thread may put.
 */
final class LogQueue implements AutoCloseable {

  private static final long CLOSE_MILLIS = 2_000;
  private static final Entry END = new Entry(null, null, null, null);
  private static final Entry NUDGE = new Entry(null, null, null, null);

  private final BlockingQueue<Entry> queue;
  private final Logger own;
  private final LogContext context;
  private final Runnable everySecond;
  private final AtomicLong overflowed = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread writer;
  private volatile boolean nudged;

  private static final class Entry {
    private final Logger logger;
    private final Level level;
    private final String text;
    private final Map<String, String> about;

    Entry(Logger logger, Level level, String text, Map<String, String> about) {
      this.logger = logger;
      this.level = level;
      this.text = text;
      this.about = about;
    }
  }

  /**
   * Starts the thread.
   *
   * @param name the thread's name
   * @param capacity how many entries may wait
   * @param own where the queue tells of itself
   * @param context keeps what entries are about, while they are written
   * @param everySecond runs on the thread while there has been a nudge
   */
  LogQueue(String name, int capacity, Logger own, LogContext context, Runnable everySecond) {
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.own = own;
    this.context = context;
    this.everySecond = everySecond;
    this.writer = new Thread(this::write, name);
    writer.setDaemon(true);
    writer.start();
  }

  /** Queues an entry, where its logger wants it. */
  void put(Logger logger, Level level, String text, Map<String, String> about) {
    if (!logger.isLoggable(level)) {
      return;
    }
    if (closed.get() || !queue.offer(new Entry(logger, level, text, about))) {
      overflowed.incrementAndGet();
    }
  }

  /** Writes an entry at once. For the thread itself. */
  void write(Logger logger, Level level, String text, Map<String, String> about) {
    try {
      // The text is an argument, so that no brace in it is taken for a placeholder.
      context.during(about, () -> logger.log(level, "{0}", text));
    } catch (RuntimeException | Error e) {
      tell(() -> own.log(Level.WARNING, "A line of Python could not be logged", e));
    }
  }

  /** What fails, even for want of memory, does not silence what comes after. */
  private void tell(Runnable telling) {
    try {
      telling.run();
    } catch (RuntimeException | Error e) {
      overflowed.incrementAndGet(); // Told of when the log takes something again.
    }
  }

  /** Has the task run within about a second, even if nothing more is logged. */
  void nudge() {
    nudged = true;
    queue.offer(NUDGE); // When it is full, the thread comes by anyway.
  }

  private void write() {
    try {
      for (Entry entry = next(); entry != END; entry = next()) {
        nudged = entry == NUDGE || (nudged && entry != null);
        if (entry != null && entry != NUDGE) {
          write(entry.logger, entry.level, entry.text, entry.about);
        }
        look();
        reportOverflow();
      }
      look();
      reportOverflow();
    } catch (InterruptedException e) {
      own.log(Level.DEBUG, "The log's thread was interrupted and ends");
    }
  }

  private void look() {
    try {
      everySecond.run();
    } catch (RuntimeException | Error e) {
      tell(() -> own.log(Level.WARNING, "What the log does every second has failed", e));
    }
  }

  /** Null: nothing came within a second. */
  private Entry next() throws InterruptedException {
    return nudged ? queue.poll(1, TimeUnit.SECONDS) : queue.take();
  }

  private void reportOverflow() {
    long lost = overflowed.getAndSet(0);
    if (lost > 0) {
      try {
        own.log(
            Level.WARNING, "{0} log entries dropped: they came faster than they are written", lost);
      } catch (RuntimeException | Error e) {
        overflowed.addAndGet(lost); // Told of when the log takes something again.
      }
    }
  }

  /** Writes what is left, for two seconds at the most, and ends the thread. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    boolean interrupted = false;
    try {
      if (!queue.offer(END, CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
        writer.interrupt();
      }
      writer.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (writer.isAlive()) {
      writer.interrupt();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
