// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.serpentry.api.PythonFunction;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.CodecChoice;
import org.serpentry.config.PoolConfig;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.WorkerPool;
import org.serpentry.session.SessionTracker;

/** One call by one caller through the core pool, against the bare socket. */
@Tag("bench")
@DisabledIfSystemProperty(named = "bench.skip", matches = ".*\\bcalls\\b.*")
class CallBench {

  private static final int ROUNDS = Integer.getInteger("bench.rounds", 20);
  private static final int CALLS = Integer.getInteger("bench.calls", 5_000);
  private static final int WARMUP = Integer.getInteger("bench.warmup", 30_000);

  private static final int SESSIONS = 1_000;
  private static final int MANY = 10_000;
  private static final int LOOKUPS = 1_000_000;

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
      PythonFunction session = fast.session("bench").function(Workload.PLAIN);
      Supplier<PythonFunction> sessions = inTurn(fast);
      assertThat(raw.decoded(codec)).isEqualTo(Workload.EXPECTED);
      assertThat(Workload.call(typed)).isEqualTo(Workload.EXPECTED);

      Rounds rounds =
          new Rounds(ROUNDS, CALLS)
              .with("raw-socket", raw)
              .with("core-call", () -> check(Workload.call(call)))
              .with("core-call.json", () -> check(Workload.call(json)))
              .with("core-call.dataclass", () -> check(Workload.call(typed)))
              .with("session-call", () -> check(Workload.call(session)))
              .with("session-call.thousand", () -> check(Workload.call(sessions.get())))
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
      for (String name : new String[] {"session-call", "session-call.thousand"}) {
        Figures figures = rounds.figures(name, "raw-socket");
        results.put(name, rounds.beyond(figures, "overheadMicros", name, "core-call"));
      }
      results.write();
    }
  }

  /** What it takes to find one of many sessions and to note its use, the clock's time included. */
  @Test
  void findsASession() throws Exception {
    SessionTracker tracker =
        new SessionTracker(
            Clock.systemUTC(),
            System::nanoTime,
            () -> Duration.ofHours(1),
            MANY,
            id -> {},
            (session, kind) -> {});
    String[] ids = IntStream.range(0, MANY).mapToObj(n -> "session-" + n).toArray(String[]::new);
    Random random = new Random(1);
    double[] nanos = new double[ROUNDS];
    for (int round = -2; round < ROUNDS; round++) { // The first two warm up.
      long begin = System.nanoTime();
      for (int i = 0; i < LOOKUPS; i++) {
        String id = ids[random.nextInt(MANY)];
        if (!tracker.open(id).id().equals(id)) {
          throw new AssertionError("another session than " + id);
        }
      }
      if (round >= 0) {
        nanos[round] = (System.nanoTime() - begin) / (double) LOOKUPS;
      }
    }
    Arrays.sort(nanos);
    new Results(BenchPython.directory(), "sessions")
        .put("session-lookup", Figures.none().with("nanos", nanos[ROUNDS / 2]))
        .write();
  }

  /** Requests in a thousand sessions, one after another and again. */
  private static Supplier<PythonFunction> inTurn(WorkerPool pool) {
    PythonFunction[] requests =
        IntStream.range(0, SESSIONS)
            .mapToObj(number -> pool.session("bench-" + number).function(Workload.PLAIN))
            .toArray(PythonFunction[]::new);
    AtomicInteger turn = new AtomicInteger();
    return () -> requests[turn.getAndIncrement() % SESSIONS];
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
