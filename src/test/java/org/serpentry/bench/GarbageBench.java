// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.pool.WorkerPool;

/**
 * What one call allocates on the calling thread, which does all of its work, against what JSON-B
 * alone allocates for the same values: the arguments to text, the result from text. Its strings in
 * UTF-8 are not counted against it.
 */
@Tag("bench")
class GarbageBench {

  private static final int WARMUP = Integer.getInteger("bench.warmup", 30_000);
  private static final int CALLS = 2_000;
  private static final int ROUNDS = 11;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void bytesPerCall() throws Exception {
    new Results(BenchPython.directory(), "garbage")
        .put("garbage", measured(BenchPython.interpreter()))
        .write();
  }

  /** {@code bytesPerCall}, {@code bytesOfJsonb} and their {@code ratio}. */
  static Figures measured(Path interpreter) throws Exception {
    JsonbCodec codec = JsonbCodec.create(false, 128);
    try (WorkerPool pool = BenchPools.start(interpreter, BenchPools.of("garbage", 1));
        Jsonb jsonb = JsonbBuilder.create()) {
      String reply = new String(codec.encode(Workload.EXPECTED), StandardCharsets.UTF_8);
      Map<String, Object> arguments = Workload.arguments();
      Subject alone =
          () -> {
            assertHolds(jsonb.toJson(arguments).length() > 50);
            assertHolds(jsonb.fromJson(reply, Workload.Priced.class).equals(Workload.EXPECTED));
          };
      Subject ours = Workload.checked(pool.function(Workload.PLAIN));
      for (Subject subject : List.of(alone, ours)) {
        for (int i = 0; i < WARMUP; i++) {
          subject.run();
        }
      }
      double[] bytes = new double[ROUNDS];
      double[] ofJsonb = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        ofJsonb[round] = bytesOf(alone);
        bytes[round] = bytesOf(ours);
      }
      double perCall = median(bytes);
      assertThat(perCall).as("bytes per call; the JVM counts none?").isPositive();
      return Figures.none()
          .with("bytesPerCall", perCall)
          .with("bytesOfJsonb", median(ofJsonb))
          .with("ratio", perCall / median(ofJsonb));
    }
  }

  private static double bytesOf(Subject subject) throws Exception {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS; i++) {
      subject.run();
    }
    return (THREADS.getCurrentThreadAllocatedBytes() - before) / (double) CALLS;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void assertHolds(boolean condition) {
    if (!condition) {
      throw new AssertionError("JSON-B wrote or read something else");
    }
  }
}
