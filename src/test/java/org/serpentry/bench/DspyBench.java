// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.PoolConfig;
import org.serpentry.dspy.DspyPrograms;
import org.serpentry.dspy.Execution;
import org.serpentry.dspy.LmConfig;
import org.serpentry.dspy.ModelEndpoint;
import org.serpentry.dspy.ProgramDefinition;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.WorkerPool;

/** DSPy programs in a pool against a bare DSPy script, in turns on the same endpoint. */
@Tag("bench")
class DspyBench {

  private static final int ROUNDS = Integer.getInteger("bench.dspy.rounds", 10);
  private static final int CALLS = Integer.getInteger("bench.dspy.calls", 100);
  private static final int AT_ONCE = 100;
  private static final String QUICK = "stand-in";
  private static final String SLOW = "slow-200";

  @Test
  void executionsAgainstTheBareScript() throws Exception {
    Path interpreter = BenchPython.interpreter();
    Results results =
        new Results(BenchPython.directory(), "dspy")
            .fact("Python", BenchPython.versions(interpreter));
    try (ModelEndpoint endpoint = ModelEndpoint.start();
        BareDspy bare = BareDspy.start(interpreter, endpoint.address())) {
      try (WorkerPool pool = pool(interpreter, 1, 1)) {
        oneByOne(programs(pool, endpoint, QUICK), bare, results);
      }
      try (WorkerPool pool = pool(interpreter, 2, 50)) {
        atOnce(programs(pool, endpoint, SLOW), bare, results);
      }
    }
    results.write();
  }

  private static void oneByOne(DspyPrograms dspy, BareDspy bare, Results results) {
    Histogram alone = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    Histogram pooled = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    Histogram around = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    List<Double> added = new ArrayList<>();
    for (int round = -1; round < ROUNDS; round++) { // The first warms up.
      long[] theirs = new long[CALLS];
      long[] ours = new long[CALLS];
      for (int i = 0; i < CALLS; i++) {
        // In turns, so that both meet the same load, and caches that the other has used.
        theirs[i] = bare.one(1, QUICK)[0];
        long begin = System.nanoTime();
        Execution done = dspy.execute("qa", question(i));
        ours[i] = System.nanoTime() - begin;
        check(done, i);
        around.recordValue(ours[i] - done.executionTime().toNanos());
      }
      if (round >= 0) {
        Arrays.stream(theirs).forEach(alone::recordValue);
        Arrays.stream(ours).forEach(pooled::recordValue);
        added.add((median(ours) - median(theirs)) / 1e3);
      }
    }
    results.put("dspy-bare", Figures.of(alone));
    results.put(
        "dspy-execute",
        Figures.of(pooled)
            .with("addedMicros", median(added))
            .with("aroundExecutionMicros", around.getValueAtPercentile(50) / 1e3));
  }

  private static void atOnce(DspyPrograms dspy, BareDspy bare, Results results) {
    Histogram alone = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    Histogram pooled = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    List<Double> ratios = new ArrayList<>();
    for (int round = -1; round < ROUNDS; round++) {
      long theirs = bare.many(AT_ONCE, SLOW);
      long begin = System.nanoTime();
      List<CompletableFuture<Execution>> calls = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        calls.add(dspy.executeAsync("qa", question(i)));
      }
      for (int i = 0; i < AT_ONCE; i++) {
        check(calls.get(i).join(), i);
      }
      long ours = System.nanoTime() - begin;
      if (round >= 0) {
        alone.recordValue(theirs);
        pooled.recordValue(ours);
        ratios.add((double) ours / theirs);
      }
    }
    results.put("dspy-at-once.bare", Figures.of(alone));
    results.put("dspy-at-once", Figures.of(pooled).with("ratio", median(ratios)));
  }

  private static Map<String, Object> question(int number) {
    return Map.of("question", "What is the number " + number + "?");
  }

  private static void check(Execution done, int number) {
    if (!String.valueOf(done.outputs().get("answer")).contains("number " + number + "?")) {
      throw new AssertionError("not the answer to question " + number + ": " + done);
    }
  }

  private static double median(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  private static DspyPrograms programs(WorkerPool pool, ModelEndpoint endpoint, String model)
      throws IOException {
    DspyPrograms dspy = DspyPrograms.of(pool);
    dspy.configureLm(LmConfig.model("openai/" + model).apiBase(endpoint.address()).build());
    dspy.createProgram(
        ProgramDefinition.named("qa")
            .input("question", "string")
            .output("answer", "string")
            .build());
    return dspy;
  }

  private static WorkerPool pool(Path interpreter, int workers, int places) {
    PoolConfig config =
        PoolConfig.builder("dspy")
            .size(workers)
            .maxSize(workers)
            .preload(List.of("serpentry.programs.runtime"))
            .life(l -> l.callsPerWorker(places))
            .build();
    return new PoolBuilder(
            config, BenchPython.setup(interpreter), JsonbCodec.create(false, config.maxNesting()))
        .start();
  }
}
