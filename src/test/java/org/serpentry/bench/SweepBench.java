// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.serpentry.api.PythonFunction;
import org.serpentry.bench.Load.Measured;
import org.serpentry.pool.WorkerPool;

/** How the call's cost grows with its size, and how throughput and latency grow with callers. */
@Tag("bench")
class SweepBench {

  private static final int PAYLOAD_ROUNDS = Integer.getInteger("bench.payload.rounds", 7);
  private static final int LOAD_ROUNDS = Integer.getInteger("bench.load.rounds", 2);
  private static final int LOAD_MILLIS = Integer.getInteger("bench.load.millis", 700);
  private static final int[] SIZES = {16, 256, 4 << 10, 64 << 10, 1 << 20, 4 << 20, 16 << 20};
  private static final int[] WORKERS = {1, 2, 4, 8};
  private static final int[] CALLERS = {1, 2, 4, 8, 16, 32, 64};
  private static final int PLACES = 16;

  /** Bytes of each size that are sent in a round: small calls are many, large ones few. */
  private static final int ROUND_BYTES = 8 << 20;

  private static final int MOST_CALLS = 500;

  /** Below what a closed loop reached, so that a queue that grows without end is not the result. */
  private static final double OF_CAPACITY = 0.5;

  /** A text of so many characters as argument, as result, and as both. */
  @Test
  @DisabledIfSystemProperty(named = "bench.skip", matches = ".*\\bpayload\\b.*")
  void sizesOfArgumentsAndResults() throws Exception {
    Path interpreter = BenchPython.interpreter();
    Results results =
        new Results(BenchPython.directory(), "payload")
            .fact("Python", BenchPython.versions(interpreter));
    try (WorkerPool pool = BenchPools.start(interpreter, BenchPools.of("payload", 1))) {
      Placement placement = Placement.of(interpreter, Workload.pid(pool));
      for (int size : SIZES) {
        String text = "serpentry-".repeat(size / 10 + 1).substring(0, size);
        PythonFunction length = pool.function("workload:length");
        PythonFunction letters = pool.function("workload:letters");
        PythonFunction echo = pool.function("workload:echo");
        int calls = Math.max(2, Math.min(MOST_CALLS, ROUND_BYTES / size));
        Rounds rounds =
            new Rounds(PAYLOAD_ROUNDS, calls)
                .with("in", () -> same(size, length.arg("text", text).call(Integer.class)))
                .with(
                    "out", () -> same(size, letters.arg("count", size).call(String.class).length()))
                .with("both", () -> same(size, echo.arg("text", text).call(String.class).length()))
                .placed(placement, Placement.Way.OWN_CORES)
                .run(Math.max(10, calls * 5));
        for (String way : new String[] {"in", "out", "both"}) {
          Figures figures = rounds.figures(way);
          double moved = (way.equals("both") ? 2.0 : 1.0) * size;
          results.put(
              "payload." + way + "." + size,
              figures
                  .with("bytes", size)
                  .with("megabytesPerSecond", moved / figures.get("p50Micros")));
        }
      }
    }
    results.write();
  }

  private static void same(int wanted, int got) {
    if (wanted != got) {
      throw new AssertionError(got + " in place of " + wanted);
    }
  }

  /** Each number of callers on each number of workers, one call at a time in each, and several. */
  @Test
  @DisabledIfSystemProperty(named = "bench.skip", matches = ".*\\bload\\b.*")
  void callersAndWorkers() throws Exception {
    Path interpreter = BenchPython.interpreter();
    Results results =
        new Results(BenchPython.directory(), "load")
            .fact("Python", BenchPython.versions(interpreter));
    for (int workers : WORKERS) {
      load(interpreter, workers, 1, results);
      load(interpreter, workers, PLACES, results);
    }
    results.write();
  }

  private static void load(Path interpreter, int workers, int places, Results results)
      throws Exception {
    try (WorkerPool pool =
        BenchPools.start(
            interpreter, BenchPools.of("load", workers).life(l -> l.callsPerWorker(places)))) {
      Subject call = Workload.checked(pool.function(Workload.PLAIN));
      for (int callers : CALLERS) {
        Measured closed =
            new Load(callers, LOAD_ROUNDS, LOAD_MILLIS).with("call", call).run().get("call");
        double rate = closed.perSecond() * OF_CAPACITY;
        Figures open = Figures.of(new OpenLoad(callers, rate, LOAD_MILLIS).run(call));
        results.put(
            "load.%d-workers.%d-places.%d-callers".formatted(workers, places, callers),
            closed
                .figures()
                .with("workers", workers)
                .with("places", places)
                .with("callers", callers)
                .with("leastOfMean", closed.leastOfMean())
                .with("longestOfMean", closed.nanos().getMaxValue() / closed.nanos().getMean())
                .with("openPerSecond", rate)
                .with("open", open));
      }
    }
  }
}
