// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.serpentry.api.PythonFunction;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.CodecChoice;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.WorkerPool;

/** One call by one caller through the core pool, against the bare socket. */
@Tag("bench")
@DisabledIfSystemProperty(named = "bench.skip", matches = ".*\\bcalls\\b.*")
class CallBench {

  private static final int ROUNDS = Integer.getInteger("bench.rounds", 20);
  private static final int CALLS = Integer.getInteger("bench.calls", 5_000);
  private static final int WARMUP = Integer.getInteger("bench.warmup", 30_000);

  @Test
  void callsThroughTheCorePool() throws Exception {
    Path interpreter = BenchPython.interpreter();
    JsonbCodec codec = JsonbCodec.create(false, 128);
    try (RawSocket raw =
            RawSocket.start(interpreter, BenchPython.RUNTIME, BenchPython.SCRIPTS, codec);
        WorkerPool fast = pool(interpreter, "orjson", CodecChoice.ORJSON);
        WorkerPool plain = pool(interpreter, "json", CodecChoice.JSON)) {
      PythonFunction call = fast.function(Workload.PLAIN);
      PythonFunction typed = fast.function(Workload.TYPED);
      PythonFunction json = plain.function(Workload.PLAIN);
      assertThat(raw.decoded(codec)).isEqualTo(Workload.EXPECTED);
      assertThat(Workload.call(typed)).isEqualTo(Workload.EXPECTED);

      Rounds rounds =
          new Rounds(ROUNDS, CALLS)
              .with("raw-socket", raw)
              .with("core-call", () -> check(Workload.call(call)))
              .with("core-call.json", () -> check(Workload.call(json)))
              .with("core-call.dataclass", () -> check(Workload.call(typed)))
              .with("core-call-async", () -> check(Workload.callAsync(call)))
              .placed(Placement.of(interpreter, raw.pid(), Workload.pid(fast), Workload.pid(plain)))
              .run(WARMUP);

      Results results =
          new Results(BenchPython.directory(), "core")
              .fact("Python", BenchPython.versions(interpreter))
              .fact(
                  "request and reply", Workload.request(codec).length + " bytes and " + raw.size())
              .put("raw-socket", rounds.figures("raw-socket"));
      for (String name :
          new String[] {"core-call", "core-call.json", "core-call.dataclass", "core-call-async"}) {
        results.put(name, rounds.figures(name, "raw-socket"));
      }
      results.write();
    }
  }

  private static void check(Workload.Priced result) {
    if (!result.equals(Workload.EXPECTED)) {
      throw new AssertionError(result + " in place of " + Workload.EXPECTED);
    }
  }

  private static WorkerPool pool(Path interpreter, String name, CodecChoice codec) {
    PoolConfig config = PoolConfig.builder(name).size(1).maxSize(1).codec(codec).build();
    return new PoolBuilder(
            config, BenchPython.setup(interpreter), JsonbCodec.create(false, config.maxNesting()))
        .start();
  }
}
