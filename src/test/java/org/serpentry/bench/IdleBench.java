// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.WorkerState;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.WorkerPool;

/** What workers cost that do nothing, and how soon a caller is free of one that never answers. */
@Tag("bench")
@DisabledIfSystemProperty(named = "bench.skip", matches = ".*\\bidle\\b.*")
class IdleBench {

  private static final int SECONDS = Integer.getInteger("bench.idle.seconds", 10);
  private static final int STUCK = Integer.getInteger("bench.stuck", 100);
  private static final int MANY = 64;
  private static final int MORE = 8;
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final double TICKS_PER_SECOND = 100; // USER_HZ of every Linux that Java runs on

  @Test
  void costOfIdleWorkersAndLatenessOfDeadlines() throws Exception {
    Path interpreter = BenchPython.interpreter();
    new Results(BenchPython.directory(), "idle")
        .fact("Python", BenchPython.versions(interpreter))
        .put("idle-worker", memory(interpreter))
        .put("idle-workers-64", processorTime(interpreter))
        .put("deadline-lateness", lateness(interpreter))
        .write();
  }

  /** What the pool's processes take in all, with one worker and with some more. */
  private static Figures memory(Path interpreter) throws Exception {
    try (WorkerPool pool = start(interpreter, config(1).preload(List.of("dspy", "workload")))) {
      Workload.call(pool.function(Workload.PLAIN));
      double one = proportionalBytes();
      pool.control().resize(1 + MORE);
      awaitReady(pool, 1 + MORE);
      double all = proportionalBytes();
      return Figures.none()
          .with("pssFirstMegabytes", one / 1e6)
          .with("pssMoreMegabytes", (all - one) / MORE / 1e6);
    }
  }

  private static double proportionalBytes() throws IOException {
    double sum = 0;
    for (ProcessHandle process : ProcessHandle.current().descendants().toList()) {
      Path file = Path.of("/proc", Long.toString(process.pid()), "smaps_rollup");
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith("Pss:")) {
          sum += Double.parseDouble(line.replaceAll("\\D", "")) * 1024;
        }
      }
    }
    return sum;
  }

  /** The share of one core that many idle workers take, and what they do to a call. */
  private static Figures processorTime(Path interpreter) throws Exception {
    try (WorkerPool many = start(interpreter, config(MANY))) {
      double percent = new Ticks().percentOfOneCore(SECONDS);
      try (WorkerPool one = start(interpreter, config(1))) {
        PythonFunction ofMany = many.function(Workload.PLAIN);
        PythonFunction ofOne = one.function(Workload.PLAIN);
        Rounds rounds =
            new Rounds(10, 1000)
                .with("one", () -> Workload.call(ofOne))
                .with("many", () -> Workload.call(ofMany))
                .run(3000);
        return rounds.figures("many", "one").with("idleCpuPercent", percent);
      }
    }
  }

  /** How long after its deadline a caller is free, sync, when Python ignores the cancellation. */
  private static Figures lateness(Path interpreter) {
    Histogram nanos = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    Duration patience = Duration.ofMillis(100);
    PoolConfigBuilder config =
        config(2).dumpGrace(Duration.ofMillis(50)).termGrace(Duration.ofMillis(200));
    try (WorkerPool pool = start(interpreter, config)) {
      PythonFunction stubborn = pool.function("workload:stubborn").timeout(patience);
      for (int i = 0; i < STUCK; i++) {
        Workload.call(pool.function(Workload.PLAIN)); // waits until a worker is there
        long begin = System.nanoTime();
        try {
          stubborn.call();
          throw new IllegalStateException("a call that never ends has ended");
        } catch (CallTimeoutException expected) {
          nanos.recordValue(Math.max(0, System.nanoTime() - begin - patience.toNanos()));
        }
      }
    }
    return Figures.of(nanos);
  }

  private static PoolConfigBuilder config(int size) {
    return PoolConfig.builder("idle")
        .size(size)
        .maxSize(size)
        .preload(List.of("workload"))
        .cancelGrace(Duration.ofMillis(100));
  }

  private static WorkerPool start(Path interpreter, PoolConfigBuilder config) {
    PoolConfig built = config.build();
    return new PoolBuilder(
            built, BenchPython.setup(interpreter), JsonbCodec.create(false, built.maxNesting()))
        .start();
  }

  private static void awaitReady(WorkerPool pool, int size) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (pool.control().snapshot().states().get(WorkerState.READY) < size) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("not ready: " + pool.control().snapshot());
      }
      pause(10);
    }
  }

  private static void pause(long millis) throws InterruptedException {
    if (new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("nobody counts this down");
    }
  }

  /** Processor time of all descendants and of the pool's threads, those that end meanwhile too. */
  private static final class Ticks {
    private final List<Path> stats;
    private final Map<Path, Long> lastSeen = new HashMap<>();

    Ticks() throws IOException {
      try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
        // A thread's name is cut off at 15 bytes there.
        List<Path> threads =
            tasks.map(task -> task.resolve("stat")).filter(Ticks::isThePools).toList();
        if (threads.isEmpty()) {
          throw new IllegalStateException("a pool's control thread expected, none found");
        }
        stats =
            Stream.concat(
                    threads.stream(),
                    ProcessHandle.current()
                        .descendants()
                        .map(p -> Path.of("/proc", Long.toString(p.pid()), "stat")))
                .toList();
      }
    }

    private static boolean isThePools(Path stat) {
      try {
        return Files.readString(stat).contains("(serpentry-idle-)");
      } catch (IOException ended) {
        return false;
      }
    }

    double percentOfOneCore(int seconds) throws Exception {
      long before = ticks();
      long begin = System.nanoTime();
      pause(seconds * 1000L);
      double passed = (System.nanoTime() - begin) / 1e9;
      return 100 * (ticks() - before) / TICKS_PER_SECOND / passed;
    }

    private long ticks() throws IOException {
      for (Path stat : stats) {
        try {
          String text = Files.readString(stat);
          String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
          lastSeen.put(stat, Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
        } catch (NoSuchFileException ended) {
          lastSeen.putIfAbsent(stat, 0L);
        }
      }
      return lastSeen.values().stream().mapToLong(Long::longValue).sum();
    }
  }
}
