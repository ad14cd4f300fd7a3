// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.PythonFunction;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.WorkerPool;

/** Many callers on few workers: calls that wait, and calls that do next to nothing. */
@Tag("bench")
class MuxBench {

  private static final int ROUNDS = Integer.getInteger("bench.mux.rounds", 5);
  private static final long ROUND_NANOS =
      TimeUnit.MILLISECONDS.toNanos(Integer.getInteger("bench.mux.millis", 3_000));
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
    try (WorkerPool io = pool(interpreter, 1, PLACES)) {
      Load load = new Load(PLACES);
      load.subjects.put("mux-io", waiting(io, "workload:wait"));
      load.subjects.put("mux-io.async", waiting(io, "workload:wait_async"));
      double ideal = PLACES / WAIT_SECONDS;
      load.run()
          .forEach((name, f) -> results.put(name, f.with("ofIdeal", f.perSecond() / ideal).done()));
    }
    try (WorkerPool shared = pool(interpreter, WORKERS, CALLERS / WORKERS);
        WorkerPool single = pool(interpreter, WORKERS, 1)) {
      Load load = new Load(CALLERS);
      load.subjects.put("mux-throughput", pricing(shared));
      load.subjects.put("mux-throughput.one-call", pricing(single));
      load.run().forEach((name, f) -> results.put(name, f.done()));
    }
    results.write();
  }

  private static Subject waiting(WorkerPool pool, String target) {
    PythonFunction wait = pool.function(target).arg("seconds", WAIT_SECONDS);
    return () -> wait.call();
  }

  private static Subject pricing(WorkerPool pool) {
    PythonFunction price = pool.function(Workload.PLAIN);
    return () -> {
      if (!Workload.call(price).equals(Workload.EXPECTED)) {
        throw new AssertionError("not the answer to this call");
      }
    };
  }

  private static WorkerPool pool(Path interpreter, int workers, int places) {
    PoolConfig config =
        PoolConfig.builder("mux")
            .size(workers)
            .maxSize(workers)
            .preload(List.of("workload"))
            .life(l -> l.callsPerWorker(places))
            .build();
    return new PoolBuilder(
            config, BenchPython.setup(interpreter), JsonbCodec.create(false, config.maxNesting()))
        .start();
  }

  /** What the callers measured in all rounds together. */
  private record Measured(Histogram nanos, double seconds, Figures figures) {
    double perSecond() {
      return nanos.getTotalCount() / seconds;
    }

    Measured with(String name, double value) {
      return new Measured(nanos, seconds, figures.with(name, value));
    }

    Figures done() {
      return figures.with("callsPerSecond", perSecond());
    }
  }

  /** So many threads that call one subject as often as they can, then the next, in turns. */
  private static final class Load {
    private final int callers;
    private final Map<String, Subject> subjects = new LinkedHashMap<>();

    Load(int callers) {
      this.callers = callers;
    }

    Map<String, Measured> run() throws Exception {
      Map<String, Histogram> all = new LinkedHashMap<>();
      Map<String, Double> seconds = new LinkedHashMap<>();
      for (int round = -2; round < ROUNDS; round++) { // The first two warm up.
        for (Map.Entry<String, Subject> entry : subjects.entrySet()) {
          Histogram histogram = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
          double took = round(entry.getValue(), histogram);
          if (round >= 0) {
            all.computeIfAbsent(
                    entry.getKey(), name -> new Histogram(TimeUnit.MINUTES.toNanos(1), 3))
                .add(histogram);
            seconds.merge(entry.getKey(), took, Double::sum);
          }
        }
      }
      Map<String, Measured> measured = new LinkedHashMap<>();
      all.forEach(
          (name, nanos) ->
              measured.put(name, new Measured(nanos, seconds.get(name), Figures.of(nanos))));
      return measured;
    }

    private double round(Subject subject, Histogram into) throws Exception {
      CyclicBarrier start = new CyclicBarrier(callers + 1);
      List<Throwable> failures = new ArrayList<>();
      List<Histogram> histograms = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        Histogram own = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
        histograms.add(own);
        Thread thread = new Thread(() -> call(subject, own, start));
        thread.setUncaughtExceptionHandler((t, failure) -> failures.add(failure));
        threads.add(thread);
        thread.start();
      }
      start.await();
      long begin = System.nanoTime();
      for (Thread thread : threads) {
        thread.join();
      }
      long end = System.nanoTime();
      if (!failures.isEmpty()) {
        throw new IllegalStateException("a caller failed", failures.get(0));
      }
      histograms.forEach(into::add);
      return (end - begin) / 1e9;
    }

    private static void call(Subject subject, Histogram own, CyclicBarrier start) {
      try {
        start.await();
        long begin = System.nanoTime();
        for (long now = begin; now - begin < ROUND_NANOS; ) {
          subject.run();
          long after = System.nanoTime();
          own.recordValue(after - now);
          now = after;
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
