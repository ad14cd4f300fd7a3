// SPDX-License-Identifier: Apache-2.0
package org.serpentry.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A log whose handlers fail with an Error, as for want of memory, goes on when they work again. */
@Tag("layer-1")
class LogQueueTest {

  private final AtomicInteger failures = new AtomicInteger();
  private final RecordingLoggers loggers =
      new RecordingLoggers(
          () -> {
            if (failures.getAndDecrement() > 0) {
              throw new OutOfMemoryError("no room for a line");
            }
          });
  private final Logger own = loggers.apply("own");
  private final Logger python = loggers.apply("python");

  private LogQueue queue(Runnable everySecond) {
    return new LogQueue("serpentry-log-test", 10, own, LogContext.NONE, everySecond);
  }

  private void put(LogQueue queue, String text) {
    queue.put(python, Level.INFO, text, Map.of());
  }

  @Test
  void aHandlerThatFailsOnceIsToldOfAndTheNextLineIsWritten() {
    failures.set(1);
    try (LogQueue queue = queue(() -> {})) {
      put(queue, "lost");
      put(queue, "kept");
    }
    assertThat(loggers.entries())
        .containsExactly(
            "WARNING own: A line of Python could not be logged"
                + " java.lang.OutOfMemoryError: no room for a line",
            "INFO python: kept");
  }

  @Test
  void aLogThatCannotEvenTellOfItCountsWhatItHasLost() {
    failures.set(2);
    try (LogQueue queue = queue(() -> {})) {
      put(queue, "lost");
      put(queue, "kept");
    }
    assertThat(loggers.entries())
        .contains("INFO python: kept")
        .anyMatch(entry -> entry.startsWith("WARNING own: 1 log entries dropped"));
  }

  @Test
  void whatRunsEverySecondMayFailToo() {
    AtomicInteger runs = new AtomicInteger();
    try (LogQueue queue =
        queue(
            () -> {
              runs.incrementAndGet();
              throw new NoClassDefFoundError("gone");
            })) {
      put(queue, "kept");
    }
    assertThat(loggers.entries()).contains("INFO python: kept");
    assertThat(runs).hasPositiveValue();
  }
}
