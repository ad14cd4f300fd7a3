// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.config.StartMode;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.WorkerPool;

/** How long pools and workers take to come and to come back. */
@Tag("bench")
@DisabledIfSystemProperty(named = "bench.skip", matches = ".*\\blife\\b.*")
class LifeBench {

  private static final int DEATHS = Integer.getInteger("bench.deaths", 300);
  private static final int STARTS = Integer.getInteger("bench.starts", 7);
  private static final List<String> DSPY = List.of("dspy", "workload");

  @Test
  void replacesStartsAndAnswersTheFirstCall() throws Exception {
    Path interpreter = BenchPython.interpreter();
    Results results =
        new Results(BenchPython.directory(), "life")
            .fact("Python", BenchPython.versions(interpreter))
            .put("worker-replacement", replacement(interpreter, 4, DSPY))
            .put("worker-replacement.bare", replacement(interpreter, 1, List.of("workload")));
    starts(interpreter, results);
    lazy(interpreter, results);
    results.write();
  }

  /** From the kill of the one worker that is free to the next answer, which its slot must give. */
  private static Figures replacement(Path interpreter, int size, List<String> preload)
      throws InterruptedException {
    Histogram nanos = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    try (WorkerPool pool = start(interpreter, config(size).preload(preload))) {
      for (int other = 1; other < size; other++) {
        var held = pool.function("workload:hold").arg("seconds", 3600.0).callAsync();
        if (held.isCompletedExceptionally()) {
          throw new IllegalStateException("a worker could not be held");
        }
      }
      PythonFunction pid = pool.function("workload:pid");
      for (int death = 0; death < DEATHS; death++) {
        int before = pid.call(Integer.class);
        ProcessHandle worker = ProcessHandle.of(before).orElseThrow();
        long start = System.nanoTime();
        worker.destroyForcibly();
        int after = before;
        while (after == before) {
          try {
            after = pid.call(Integer.class);
          } catch (WorkerCrashedException lost) {
            after = before; // it was leased before its death was known: the caller tries again
          }
        }
        nanos.recordValue(System.nanoTime() - start);
      }
    }
    return Figures.of(nanos);
  }

  /** Pools of four and of eight with DSPy preloaded, against one interpreter that imports DSPy. */
  private static void starts(Path interpreter, Results results) throws Exception {
    Rounds rounds =
        new Rounds(STARTS, 1)
            .with("import-dspy", () -> importDspy(interpreter))
            .with(
                "pool-start", () -> start(interpreter, config(4).preload(DSPY)), WorkerPool::close)
            .with(
                "pool-start-8",
                () -> start(interpreter, config(8).preload(DSPY)),
                WorkerPool::close)
            .with("pool-start.bare", () -> start(interpreter, config(4)), WorkerPool::close)
            .run(5);
    results
        .put("import-dspy", rounds.figures("import-dspy"))
        .put("pool-start", rounds.figures("pool-start", "import-dspy"))
        .put("pool-start-8", rounds.figures("pool-start-8", "import-dspy"))
        .put("pool-start.bare", rounds.figures("pool-start.bare", "import-dspy"));
  }

  private static void importDspy(Path interpreter) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(interpreter.toString(), "-c", "import dspy");
    builder.environment().clear();
    builder.environment().putAll(BenchPython.setup(interpreter).environment());
    Process python = builder.inheritIO().start();
    if (python.waitFor() != 0) {
      throw new IOException("import dspy ended with " + python.exitValue());
    }
  }

  /** The first call of a pool that has started nothing yet. */
  private static void lazy(Path interpreter, Results results) throws Exception {
    Rounds rounds =
        new Rounds(STARTS, 1)
            .with("import-dspy", () -> importDspy(interpreter))
            .with("first-lazy-call", () -> firstCall(interpreter, DSPY), WorkerPool::close)
            .with(
                "first-lazy-call.bare", () -> firstCall(interpreter, List.of()), WorkerPool::close)
            .run(5);
    results
        .put("first-lazy-call", rounds.figures("first-lazy-call", "import-dspy"))
        .put("first-lazy-call.bare", rounds.figures("first-lazy-call.bare", "import-dspy"));
  }

  private static WorkerPool firstCall(Path interpreter, List<String> preload) {
    WorkerPool pool = start(interpreter, config(4).start(StartMode.LAZY).preload(preload));
    Workload.call(pool.function(Workload.PLAIN));
    return pool;
  }

  private static PoolConfigBuilder config(int size) {
    return PoolConfig.builder("life")
        .size(size)
        .maxSize(size)
        .operationTimeout(Duration.ofHours(1))
        .cancelGrace(Duration.ofMillis(100));
  }

  private static WorkerPool start(Path interpreter, PoolConfigBuilder config) {
    PoolConfig built = config.build();
    return new PoolBuilder(
            built, BenchPython.setup(interpreter), JsonbCodec.create(false, built.maxNesting()))
        .start();
  }
}
