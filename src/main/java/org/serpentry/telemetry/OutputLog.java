// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.serpentry.api.Health;
import org.serpentry.api.RecoveryAction;
import org.serpentry.api.WorkerActivity;
import org.serpentry.spi.HealthEvent;
import org.serpentry.spi.PoolListener;
import org.serpentry.spi.RecoveryEvent;

/**
 * Brings what workers print and log, and what happens to the pool, into the server's log: printed
 * lines and events under {@code serpentry.pool.<pool>}, records of Python's {@code logging} under
 * {@code python.<logger>} with their level.
 *
 * <p>The pool's control thread only puts into a bounded queue; a thread of its own writes, since a
 * log may block. What the queue cannot take, and what a worker prints beyond its rate, is dropped,
 * counted and reported.
 */
public final class OutputLog implements PoolListener, AutoCloseable {

  private static final int QUEUE = 4_096;
  private static final long CLOSE_MILLIS = 2_000;
  private static final Entry END = new Entry(null, null, null);

  private final BlockingQueue<Entry> queue;
  private final Function<String, Logger> loggers;
  private final Logger own;
  private final RateLimit rate;
  private final AtomicLong overflowed = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread writer;

  private record Entry(Logger logger, Level level, String text) {}

  /**
   * Opens a log for one pool and starts its thread.
   *
   * @param pool the pool's name
   * @param linesPerSecond how many lines a second one worker may print; zero: no limit
   */
  public OutputLog(String pool, int linesPerSecond) {
    this(pool, linesPerSecond, QUEUE, System::getLogger, System::nanoTime);
  }

  OutputLog(
      String pool,
      int linesPerSecond,
      int capacity,
      Function<String, Logger> loggers,
      LongSupplier nanoTime) {
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.loggers = loggers;
    this.own = loggers.apply("serpentry.pool." + pool);
    this.rate = new RateLimit(linesPerSecond, nanoTime);
    this.writer = new Thread(this::write, "serpentry-" + pool + "-log");
    writer.setDaemon(true);
    writer.start();
  }

  // ---- what is heard, on the pool's control thread

  @Override
  public void onOutput(WorkerRef worker, String stream, List<String> lines) {
    Level level = stream.equals("stderr") ? Level.WARNING : Level.INFO;
    for (String line : lines) {
      long dropped = rate.droppedBefore(worker.worker());
      if (dropped > 0) {
        put(own, Level.WARNING, worker + ": " + dropped + " lines dropped beyond output-rate");
      }
      if (rate.admits(worker.worker())) {
        put(own, level, worker + " " + stream + ": " + SafeText.line(line));
      }
    }
  }

  @Override
  public void onOutputDropped(WorkerRef worker, long lines) {
    put(own, Level.WARNING, worker + ": " + lines + " lines dropped, printed too fast");
  }

  @Override
  public void onLog(WorkerRef worker, List<Map<String, Object>> records) {
    for (Map<String, Object> entry : records) {
      String logger = SafeText.name(String.valueOf(entry.getOrDefault("logger", "root")));
      StringBuilder text = new StringBuilder(SafeText.line(text(entry, "message")));
      text.append(" [").append(worker);
      for (String key : List.of("session", "trace", "request")) {
        String value = text(entry, key);
        if (!value.isEmpty()) {
          text.append(", ").append(key).append(' ').append(SafeText.line(value));
        }
      }
      text.append(']');
      String traceback = text(entry, "traceback");
      if (!traceback.isEmpty()) {
        text.append('\n').append(SafeText.lines(traceback));
      }
      put(loggers.apply("python." + logger), level(entry.get("level")), text.toString());
    }
  }

  private static String text(Map<String, Object> entry, String key) {
    Object value = entry.get(key);
    return value == null ? "" : String.valueOf(value);
  }

  /** Python's levels are 10 to 50 in tens, and anything between. */
  private static Level level(Object number) {
    int level = number instanceof Number value ? value.intValue() : 20;
    if (level >= 40) {
      return Level.ERROR;
    }
    if (level >= 30) {
      return Level.WARNING;
    }
    return level >= 20 ? Level.INFO : Level.DEBUG;
  }

  @Override
  public void onWorkerExit(WorkerRef worker, String how, boolean expected) {
    rate.forget(worker.worker());
    // The pool's own event warns of a death, and has the last lines that it printed.
    String verb = expected ? " has ended: " : " died: ";
    put(own, Level.DEBUG, worker + verb + SafeText.line(how));
  }

  @Override
  public void onHealth(HealthEvent event) {
    boolean suspicious =
        event.health() != Health.HEALTHY || event.activity() == WorkerActivity.STOPPED;
    put(
        own,
        suspicious ? Level.WARNING : Level.DEBUG,
        "%s is %s: %s".formatted(event.worker(), event.health(), SafeText.line(event.reason())));
  }

  @Override
  public void onRecovery(RecoveryEvent event) {
    RecoveryAction action = event.decision().action();
    boolean told = action == RecoveryAction.RETRY || action == RecoveryAction.REMOVE;
    // The exit or the rung of the ladder that a removal goes with has an entry of its own.
    put(own, told ? Level.DEBUG : Level.WARNING, SafeText.line(event.toString()));
  }

  @Override
  public void onSlowCall(SlowCall call) {
    put(
        own,
        Level.WARNING,
        "%s: request %d to %s has run for %d ms, called by %s"
            .formatted(
                call.worker(),
                call.requestId(),
                call.target(),
                call.runningMillis(),
                SafeText.line(call.caller())));
  }

  @Override
  public void onRecycled(WorkerRef worker, RecycleReason reason) {
    put(own, Level.INFO, worker + " is recycled: " + reason);
  }

  @Override
  public void onLadder(WorkerRef worker, String rung, long requestId) {
    Level level = rung.equals("cancel") ? Level.DEBUG : Level.WARNING;
    put(own, level, worker + ": " + rung + " used against request " + requestId);
  }

  @Override
  public void onDump(WorkerRef worker, String text) {
    put(own, Level.WARNING, worker + " stacks:\n" + SafeText.lines(text));
  }

  @Override
  public void onPoolEvent(PoolEvent event) {
    put(own, event.warning() ? Level.WARNING : Level.INFO, SafeText.line(event.text()));
  }

  private void put(Logger logger, Level level, String text) {
    if (!logger.isLoggable(level)) {
      return;
    }
    if (closed.get() || !queue.offer(new Entry(logger, level, text))) {
      overflowed.incrementAndGet();
    }
  }

  // ---- the writer

  private void write() {
    try {
      for (Entry entry = queue.take(); entry.logger() != null; entry = queue.take()) {
        log(entry);
        reportOverflow();
      }
      reportOverflow();
    } catch (InterruptedException e) {
      own.log(Level.DEBUG, "The log's thread was interrupted and ends");
    }
  }

  private void log(Entry entry) {
    try {
      // The text is an argument, so that no brace in it is taken for a placeholder.
      entry.logger().log(entry.level(), "{0}", entry.text());
    } catch (RuntimeException e) {
      own.log(Level.WARNING, "A line of Python could not be logged", e);
    }
  }

  private void reportOverflow() {
    long lost = overflowed.getAndSet(0);
    if (lost > 0) {
      own.log(
          Level.WARNING, "{0} log entries dropped: they came faster than they are written", lost);
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

  /** Lines of each worker within the current second. For one thread. */
  private static final class RateLimit {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final int limit;
    private final LongSupplier nanoTime;
    private final Map<Long, Window> windows = new HashMap<>();

    RateLimit(int limit, LongSupplier nanoTime) {
      this.limit = limit;
      this.nanoTime = nanoTime;
    }

    /** Lines dropped in a window that has just ended, once; zero otherwise. */
    long droppedBefore(long worker) {
      Window window = windows.computeIfAbsent(worker, id -> new Window(nanoTime.getAsLong()));
      if (nanoTime.getAsLong() - window.since < SECOND) {
        return 0;
      }
      long dropped = window.dropped;
      windows.put(worker, new Window(nanoTime.getAsLong()));
      return dropped;
    }

    boolean admits(long worker) {
      Window window = windows.get(worker);
      if (limit == 0 || window.admitted < limit) {
        window.admitted++;
        return true;
      }
      window.dropped++;
      return false;
    }

    void forget(long worker) {
      windows.remove(worker);
    }

    private static final class Window {
      private final long since;
      private int admitted;
      private long dropped;

      Window(long since) {
        this.since = since;
      }
    }
  }
}
