// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.serpentry.api.PythonFunction;
import org.serpentry.pool.WorkerPool;

/**
 * What calls notice of a Flight Recorder that records in the JDK's default profile, and which part
 * of that is the call event's. The ways take turns in windows of a second; what starts or stops a
 * recording, and the compiling after it, is outside of them.
 */
@Tag("bench")
@DisabledIfSystemProperty(named = "bench.skip", matches = ".*\\bflight\\b.*")
class FlightBench {

  private static final int ROUNDS = Integer.getInteger("bench.flight.rounds", 15);
  private static final int WARMUP = Integer.getInteger("bench.warmup", 30_000);
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private enum Way {
    /** Nothing records. */
    QUIET,
    /** The default profile, without our own events. */
    OTHERS,
    /** The default profile. */
    DEFAULT
  }

  @Test
  void callsWhileTheDefaultProfileRecords() throws Exception {
    var interpreter = BenchPython.interpreter();
    try (WorkerPool pool = BenchPools.start(interpreter, BenchPools.of("flight", 1))) {
      PythonFunction function = pool.function(Workload.PLAIN);
      for (int i = 0; i < WARMUP; i++) {
        Workload.call(function);
      }
      Map<Way, Histogram> all = new EnumMap<>(Way.class);
      Map<Way, double[]> medians = new EnumMap<>(Way.class);
      for (Way way : Way.values()) {
        all.put(way, new Histogram(TimeUnit.MINUTES.toNanos(1), 3));
        medians.put(way, new double[ROUNDS]);
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (Way way : Way.values()) {
          Histogram window = measured(way, function);
          all.get(way).add(window);
          medians.get(way)[round] = window.getValueAtPercentile(50);
        }
      }
      new Results(BenchPython.directory(), "flight")
          .fact("Python", BenchPython.versions(interpreter))
          .put("core-call.quiet", Figures.of(all.get(Way.QUIET)))
          .put(
              "core-call.recorded",
              Figures.of(all.get(Way.DEFAULT))
                  .with("p50ChangePercent", change(medians, Way.DEFAULT, Way.QUIET))
                  .with("ownChangePercent", change(medians, Way.DEFAULT, Way.OTHERS)))
          .write();
    }
  }

  private static Histogram measured(Way way, PythonFunction function) throws Exception {
    Histogram window = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    if (way == Way.QUIET) {
      calls(function, SETTLE_NANOS, new Histogram(TimeUnit.MINUTES.toNanos(1), 3));
      calls(function, WINDOW_NANOS, window);
      return window;
    }
    try (Recording recording = new Recording(Configuration.getConfiguration("default"))) {
      if (way == Way.OTHERS) {
        recording.disable("org.serpentry.Call");
      }
      recording.start();
      calls(function, SETTLE_NANOS, new Histogram(TimeUnit.MINUTES.toNanos(1), 3));
      calls(function, WINDOW_NANOS, window);
    }
    return window;
  }

  private static void calls(PythonFunction function, long nanos, Histogram into) {
    long end = System.nanoTime() + nanos;
    for (long now = System.nanoTime(); now - end < 0; ) {
      Workload.call(function);
      long after = System.nanoTime();
      into.recordValue(after - now);
      now = after;
    }
  }

  /** The median over the rounds of what each round's medians relate to. */
  private static double change(Map<Way, double[]> medians, Way way, Way one) {
    double[] ratios = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      ratios[round] = medians.get(way)[round] / medians.get(one)[round];
    }
    java.util.Arrays.sort(ratios);
    return 100 * (ratios[ROUNDS / 2] - 1);
  }
}
