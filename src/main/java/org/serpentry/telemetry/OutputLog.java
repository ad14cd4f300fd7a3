// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntSupplier;
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
 * {@code python.<logger>} with their level, slow calls under {@code serpentry.slow}.
 *
 * <p>The pool's control thread only puts into a bounded queue; a thread of its own writes, since a
 * log may block. What the queue cannot take, and what a worker prints beyond its rate, is dropped,
 * counted and reported.
 */
public final class OutputLog implements PoolListener, AutoCloseable {

  private static final int QUEUE = 4_096;

  private final String pool;
  private final LogQueue queue;
  private final Function<String, Logger> loggers;
  private final Logger own;
  private final PrintRate rate;

  /**
   * Opens a log for one pool and starts its thread.
   *
   * @param pool the pool's name
   * @param linesPerSecond how many lines a second one worker may print; zero: no limit; {@link
   *     #rate} changes it
   */
  public OutputLog(String pool, int linesPerSecond) {
    this(pool, linesPerSecond, QUEUE, System::getLogger, System::nanoTime, LogContext.ofServer());
  }

  OutputLog(
      String pool,
      int linesPerSecond,
      int capacity,
      Function<String, Logger> loggers,
      LongSupplier nanoTime,
      LogContext context) {
    this.pool = pool;
    this.loggers = loggers;
    this.own = loggers.apply("serpentry.pool." + pool);
    this.rate = new PrintRate(linesPerSecond, nanoTime);
    this.queue =
        new LogQueue("serpentry-" + pool + "-log", capacity, own, context, this::reportDropped);
  }

  /**
   * Lets the limit change from now on.
   *
   * @param lines how many lines a second one worker may print now; zero: no limit
   */
  public void rate(IntSupplier lines) {
    rate.limit(lines);
  }

  // ---- what is heard, on the pool's control thread

  @Override
  public void onOutput(WorkerRef worker, String stream, List<String> lines) {
    Level level = stream.equals("stderr") ? Level.WARNING : Level.INFO;
    for (String line : lines) {
      long dropped = rate.droppedBefore(worker);
      if (dropped > 0) {
        put(worker, Level.WARNING, dropped(worker, dropped));
      }
      switch (rate.line(worker)) {
        case ADMITTED -> put(worker, level, worker + " " + stream + ": " + SafeText.line(line));
        case FIRST_DROPPED -> queue.nudge(); // Told even if it never prints again.
        default -> {}
      }
    }
  }

  private static String dropped(WorkerRef worker, long lines) {
    return worker + ": " + lines + " lines dropped beyond output-rate";
  }

  /** On the writing thread. */
  private void reportDropped() {
    for (PrintRate.Dropped dropped : rate.droppedBefore()) {
      WorkerRef worker = dropped.worker();
      queue.write(own, Level.WARNING, dropped(worker, dropped.lines()), LogFacts.of(worker));
    }
  }

  @Override
  public void onOutputDropped(WorkerRef worker, long lines) {
    put(worker, Level.WARNING, worker + ": " + lines + " lines dropped, printed too fast");
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
      queue.put(
          loggers.apply("python." + logger),
          level(entry.get("level")),
          text.toString(),
          LogFacts.of(
              worker, text(entry, "request"), text(entry, "session"), text(entry, "trace")));
    }
  }

  /** Empty where there is none, as there is no request outside a call. */
  private static String text(Map<String, Object> entry, String key) {
    Object value = entry.get(key);
    String text = value == null ? "" : String.valueOf(value);
    return key.equals("request") && text.equals("0") ? "" : text;
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
    if (level >= 20) {
      return Level.INFO;
    }
    return level >= 10 ? Level.DEBUG : Level.TRACE;
  }

  @Override
  public void onWorkerExit(WorkerRef worker, String how, boolean expected) {
    long dropped = rate.forget(worker);
    if (dropped > 0) {
      put(worker, Level.WARNING, dropped(worker, dropped));
    }
    // The pool's own event warns of a death, and has the last lines that it printed.
    String verb = expected ? " has ended: " : " died: ";
    put(worker, Level.DEBUG, worker + verb + SafeText.line(how));
  }

  @Override
  public void onHealth(HealthEvent event) {
    boolean suspicious =
        event.health() != Health.HEALTHY || event.activity() == WorkerActivity.STOPPED;
    put(
        event.worker(),
        suspicious ? Level.WARNING : Level.DEBUG,
        "%s is %s: %s".formatted(event.worker(), event.health(), SafeText.line(event.reason())));
  }

  @Override
  public void onRecovery(RecoveryEvent event) {
    RecoveryAction action = event.decision().action();
    boolean told = action == RecoveryAction.RETRY || action == RecoveryAction.REMOVE;
    // The exit or the rung of the ladder that a removal goes with has an entry of its own.
    put(event.worker(), told ? Level.DEBUG : Level.WARNING, SafeText.line(event.toString()));
  }

  @Override
  public void onSlowCall(SlowCall call) {
    queue.put(
        loggers.apply("serpentry.slow"),
        Level.WARNING,
        SlowCallText.of(call),
        LogFacts.of(
            call.worker(),
            Long.toString(call.requestId()),
            call.session() == null ? "" : call.session(),
            call.traceparent() == null ? "" : call.traceparent()));
  }

  @Override
  public void onRecycled(WorkerRef worker, RecycleReason reason) {
    put(worker, Level.INFO, worker + " is recycled: " + reason);
  }

  @Override
  public void onLadder(WorkerRef worker, String rung, long requestId) {
    Level level = rung.equals("cancel") ? Level.DEBUG : Level.WARNING;
    put(worker, level, worker + ": " + rung + " used against request " + requestId);
  }

  @Override
  public void onDump(WorkerRef worker, String text) {
    put(worker, Level.WARNING, worker + " stacks:\n" + SafeText.lines(text));
  }

  @Override
  public void onPoolEvent(PoolEvent event) {
    queue.put(
        own,
        event.warning() ? Level.WARNING : Level.INFO,
        SafeText.line(event.text()),
        LogFacts.of(pool));
  }

  private void put(WorkerRef worker, Level level, String text) {
    queue.put(own, level, text, LogFacts.of(worker));
  }

  /** Writes what is left, for two seconds at the most, and ends the thread. */
  @Override
  public void close() {
    queue.close();
  }
}
