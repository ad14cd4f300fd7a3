// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.serpentry.api.NdArray;
import org.serpentry.api.PythonFunction;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.pool.WorkerPool;

/**
 * Arrays of float32 of 1 KiB to 256 MiB into NumPy and back, through shared memory and by the
 * socket, against a plain copy of the same size in memory, into an array that is there and into a
 * new one. The subjects of a size take turns.
 */
@Tag("bench")
@DisabledIfSystemProperty(named = "bench.skip", matches = ".*\\barrays\\b.*")
class ArrayBench {

  private static final int FROM = Integer.getInteger("bench.arrays.from", 10);
  private static final int TO = Integer.getInteger("bench.arrays.to", 28);
  private static final long NANOS =
      TimeUnit.MILLISECONDS.toNanos(Integer.getInteger("bench.arrays.millis", 1_500));
  private static final int LEAST = 7;

  @Test
  void arraysIntoNumpyAndBack() throws Exception {
    var interpreter = BenchPython.interpreter();
    Results results =
        new Results(BenchPython.directory(), "arrays")
            .fact("Python", BenchPython.versions(interpreter, "numpy"));
    PoolConfigBuilder shared =
        BenchPools.of("shared", 1)
            .maxFrameSize(1 << 30)
            .attachments(a -> a.attachmentThreshold(1).sharedMemory(2L << 30));
    PoolConfigBuilder socket =
        BenchPools.of("socket", 1).maxFrameSize(1 << 30).attachments(a -> a.sharedMemory(0));
    try (WorkerPool memory = BenchPools.start(interpreter, shared);
        WorkerPool wire = BenchPools.start(interpreter, socket)) {
      for (int power = FROM; power <= TO; power += 2) {
        size(results, 1 << power, memory, wire);
      }
    }
    results.write();
  }

  private static void size(Results results, int bytes, WorkerPool memory, WorkerPool wire)
      throws Exception {
    float[] data = new float[bytes / Float.BYTES];
    Arrays.fill(data, 0.5f);
    float[] copy = new float[data.length];
    Map<String, Subject> subjects = new LinkedHashMap<>();
    subjects.put("copy", () -> System.arraycopy(data, 0, copy, 0, data.length));
    // What a caller pays who wants an array of his own: its memory has to be found, and touched.
    subjects.put("copy-to-new", () -> assertThat(data.clone().length).isEqualTo(data.length));
    subjects.put("in.shared", in(memory, data));
    subjects.put("out.shared", out(memory, data.length));
    subjects.put("out-copied.shared", outCopied(memory, data.length));
    subjects.put("in.socket", in(wire, data));
    subjects.put("out.socket", out(wire, data.length));
    Map<String, Histogram> times = new LinkedHashMap<>();
    subjects.keySet().forEach(name -> times.put(name, new Histogram(3)));
    for (int warm = 0; warm < 3; warm++) {
      for (Subject subject : subjects.values()) {
        subject.run();
      }
    }
    long end = System.nanoTime() + NANOS * subjects.size();
    for (int round = 0; round < LEAST || System.nanoTime() < end; round++) {
      for (Map.Entry<String, Subject> subject : subjects.entrySet()) {
        long begin = System.nanoTime();
        subject.getValue().run();
        times.get(subject.getKey()).recordValue(System.nanoTime() - begin);
      }
    }
    double plain = times.get("copy").getValueAtPercentile(50);
    double fresh = times.get("copy-to-new").getValueAtPercentile(50);
    times.forEach(
        (name, nanos) -> {
          Figures figures =
              Figures.of(nanos)
                  .with("speedToCopy", plain / nanos.getValueAtPercentile(50))
                  .with("speedToCopyToNew", fresh / nanos.getValueAtPercentile(50))
                  .with("bytes", bytes)
                  .with("GBPerSecond", bytes / (double) nanos.getValueAtPercentile(50));
          results.put("array." + name + "." + bytes, figures);
        });
  }

  private static Subject in(WorkerPool pool, float[] data) {
    PythonFunction take = pool.function("arraywork:take").arg("x", data);
    return () -> assertThat(take.call(Integer.class)).isEqualTo(data.length);
  }

  private static Subject out(WorkerPool pool, int count) {
    PythonFunction give = pool.function("arraywork:give").arg("count", count);
    return () -> {
      try (NdArray array = give.call(NdArray.class)) {
        assertThat(array.size()).isEqualTo(count);
      }
    };
  }

  private static Subject outCopied(WorkerPool pool, int count) {
    PythonFunction give = pool.function("arraywork:give").arg("count", count);
    return () -> assertThat(give.call(float[].class).length).isEqualTo(count);
  }
}
