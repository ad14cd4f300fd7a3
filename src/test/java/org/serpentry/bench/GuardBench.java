// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.PythonFunction;
import org.serpentry.bench.Load.Measured;
import org.serpentry.bench.Placement.Way;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.CodecChoice;
import org.serpentry.pool.WorkerPool;

/**
 * The ratios that no change may spoil, in well under a minute: {@code mvn -Pbench verify
 * -Dbench.quick}. Only those that a busy machine moves little.
 */
@Tag("guard")
class GuardBench {

  static final Path BOUNDS =
      BenchPython.REPOSITORY.resolve(
          System.getProperty(
              "bench.bounds", "src/test/resources/org/serpentry/bench/bounds.properties"));

  private static final List<String> CALLS =
      List.of("core-call", "core-call.dataclass", "core-call.json", "session-call");

  @Test
  void ratiosKeepTheirBounds() throws Exception {
    Path interpreter = BenchPython.interpreter();
    Guard guard = new Guard(Bound.read(BOUNDS), System.out::println);
    guard.check(() -> calls(interpreter));
    guard.check(() -> Map.of("garbage", GarbageBench.measured(interpreter).get("ratio")));
    guard.check(() -> manyCallers(interpreter));
    guard.check(() -> starts(interpreter));
    guard.verdict();
  }

  /** One caller, both ends on one core. */
  private static Map<String, Double> calls(Path interpreter) throws Exception {
    JsonbCodec codec = JsonbCodec.create(false, 128);
    try (RawSocket raw =
            RawSocket.start(interpreter, BenchPython.RUNTIME, BenchPython.SCRIPTS, codec);
        WorkerPool fast = BenchPools.start(interpreter, BenchPools.of("orjson", 1));
        WorkerPool plain =
            BenchPools.start(interpreter, BenchPools.of("json", 1).codec(CodecChoice.JSON))) {
      PythonFunction session = fast.session("guard").function(Workload.PLAIN);
      Rounds rounds =
          new Rounds(20, 1_000)
              .with("raw-socket", raw)
              .with("core-call", Workload.checked(fast.function(Workload.PLAIN)))
              .with("core-call.dataclass", Workload.checked(fast.function(Workload.TYPED)))
              .with("session-call", Workload.checked(session))
              .with("core-call.json", Workload.checked(plain.function(Workload.PLAIN)))
              .placed(
                  Placement.of(interpreter, raw.pid(), Workload.pid(fast), Workload.pid(plain)),
                  Way.ONE_CORE)
              .run(20_000);
      return CALLS.stream()
          .collect(Collectors.toMap(name -> name, name -> rounds.ratio(name, "raw-socket")));
    }
  }

  private static Map<String, Double> manyCallers(Path interpreter) throws Exception {
    Map<String, Double> ratios = new LinkedHashMap<>();
    MuxBench.waits(interpreter, 4, 400)
        .forEach((name, f) -> ratios.put(name + ".of-ideal", MuxBench.ofIdeal(f)));
    Map<String, Measured> computes = MuxBench.computes(interpreter, 4, 400);
    ratios.put(
        "mux-throughput.gain",
        computes.get("mux-throughput").timesAsFastAs(computes.get("mux-throughput.one-call")));
    return ratios;
  }

  /** Against one interpreter that imports what is preloaded. */
  private static Map<String, Double> starts(Path interpreter) throws Exception {
    List<String> dspy = List.of("dspy", "workload");
    Rounds rounds =
        new Rounds(4, 1)
            .with("import-dspy", () -> python(interpreter, "import dspy"))
            .with("pool-start", () -> start(interpreter, dspy), WorkerPool::close)
            .run(0);
    return Map.of("pool-start", rounds.ratio("pool-start", "import-dspy"));
  }

  private static WorkerPool start(Path interpreter, List<String> preload) {
    return BenchPools.start(
        interpreter,
        BenchPools.of("start", 4).preload(preload).cancelGrace(Duration.ofMillis(100)));
  }

  private static void python(Path interpreter, String statement)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(interpreter.toString(), "-c", statement);
    builder.environment().clear();
    builder.environment().putAll(BenchPython.setup(interpreter).environment());
    Process python = builder.inheritIO().start();
    if (python.waitFor() != 0) {
      throw new IOException(statement + " ended with " + python.exitValue());
    }
  }
}
