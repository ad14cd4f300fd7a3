// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.serpentry.api.PythonFunction;
import org.serpentry.bench.Load.Measured;
import org.serpentry.pool.WorkerPool;

/** Many callers on few workers: calls that wait, and calls that do next to nothing. */
@Tag("bench")
@DisabledIfSystemProperty(named = "bench.skip", matches = ".*\\bmux\\b.*")
class MuxBench {

  private static final int ROUNDS = Integer.getInteger("bench.mux.rounds", 5);
  private static final int ROUND_MILLIS = Integer.getInteger("bench.mux.millis", 3_000);
  private static final double WAIT_SECONDS = 0.05;
  private static final int PLACES = 50;
  private static final int CALLERS = 32;
  private static final int WORKERS = 2;

  @Test
  void callsPerSecondOfManyCallers() throws Exception {
    Path interpreter = BenchPython.interpreter();
    Results results =
        new Results(BenchPython.directory(), "mux")
            .fact("Python", BenchPython.versions(interpreter));
    waits(interpreter, ROUNDS, ROUND_MILLIS)
        .forEach((name, f) -> results.put(name, f.figures().with("ofIdeal", ofIdeal(f))));
    computes(interpreter, ROUNDS, ROUND_MILLIS)
        .forEach((name, f) -> results.put(name, f.figures()));
    results.write();
  }

  /** Calls that wait, as many at once as the one worker takes. */
  static Map<String, Measured> waits(Path interpreter, int rounds, int millis) throws Exception {
    try (WorkerPool io = pool(interpreter, 1, PLACES)) {
      return new Load(PLACES, rounds, millis)
          .with("mux-io", waiting(io, "workload:wait"))
          .with("mux-io.async", waiting(io, "workload:wait_async"))
          .run();
    }
  }

  /** The part of the calls per second that nothing but the waiting would allow. */
  static double ofIdeal(Measured waits) {
    return waits.perSecond() / (PLACES / WAIT_SECONDS);
  }

  /** Calls that do next to nothing, several at once in a worker and one by one. */
  static Map<String, Measured> computes(Path interpreter, int rounds, int millis) throws Exception {
    try (WorkerPool shared = pool(interpreter, WORKERS, CALLERS / WORKERS);
        WorkerPool single = pool(interpreter, WORKERS, 1)) {
      return new Load(CALLERS, rounds, millis)
          .with("mux-throughput", Workload.checked(shared.function(Workload.PLAIN)))
          .with("mux-throughput.one-call", Workload.checked(single.function(Workload.PLAIN)))
          .run();
    }
  }

  private static Subject waiting(WorkerPool pool, String target) {
    PythonFunction wait = pool.function(target).arg("seconds", WAIT_SECONDS);
    return () -> wait.call();
  }

  private static WorkerPool pool(Path interpreter, int workers, int places) {
    return BenchPools.start(
        interpreter, BenchPools.of("mux", workers).life(l -> l.callsPerWorker(places)));
  }
}
