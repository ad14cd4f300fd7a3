// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench;

import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonType;
import org.serpentry.bench.Placement.Way;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.pool.PoolBuilder;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.Codec;

/**
 * Lists of records into pandas frames and back: column by column, and as JSON, which a pool does
 * whose codec knows no tables. Both codecs are JSON-B's; both workers have orjson.
 */
@Tag("bench")
class TableBench {

  private static final int ROUNDS = Integer.getInteger("bench.tables.rounds", 9);
  private static final int[] ROWS = {64, 256, 1 << 10, 1 << 12, 1 << 14, 1 << 16};
  private static final int ROUND_ROWS = 1 << 16;
  private static final PythonType<List<Row>> LIST = new PythonType<>() {};

  public record Row(long id, String item, double price, boolean open) {}

  /** A codec without tables. */
  private record JsonOnly(Codec codec) implements Codec {
    @Override
    public byte[] encode(Object value) {
      return codec.encode(value);
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // as declared by the interface
    public <T> T decode(byte[] utf8, int offset, int length, Type type) {
      return codec.decode(utf8, offset, length, type);
    }
  }

  @Test
  void recordsIntoFramesAndBack() throws Exception {
    Path interpreter =
        BenchPython.interpreter(BenchPython.REPOSITORY.resolve("python/requirements-dev.lock"));
    Results results =
        new Results(BenchPython.directory(), "tables")
            .fact("Python", BenchPython.versions(interpreter, "orjson", "pandas", "numpy"));
    PoolConfig config = config().build();
    Codec codec = JsonbCodec.create(false, config.maxNesting());
    try (WorkerPool tables = start(config, interpreter, codec);
        WorkerPool json = start(config, interpreter, new JsonOnly(codec))) {
      for (int rows : ROWS) {
        List<Row> sent =
            IntStream.range(0, rows)
                .mapToObj(i -> new Row(i, "item " + i % 100, i / 4.0, i % 3 == 0))
                .toList();
        Rounds rounds =
            new Rounds(ROUNDS, Math.max(3, Math.min(200, ROUND_ROWS / rows)))
                .with("in.json", in(json, sent))
                .with("in.table", in(tables, sent))
                .with("out.json", out(json, sent))
                .with("out.table", out(tables, sent))
                .placed(
                    Placement.of(interpreter, Workload.pid(tables), Workload.pid(json)),
                    Way.OWN_CORES)
                .run(20);
        for (String way : new String[] {"in", "out"}) {
          results.put("table." + way + ".json." + rows, rounds.figures(way + ".json"));
          results.put(
              "table." + way + ".table." + rows, rounds.figures(way + ".table", way + ".json"));
        }
      }
    }
    results.write();
  }

  private static PoolConfigBuilder config() {
    return BenchPools.of("tables", 1).preload(List.of("workload", "tablework"));
  }

  private static WorkerPool start(PoolConfig config, Path interpreter, Codec codec) {
    return new PoolBuilder(config, BenchPython.setup(interpreter), codec).start();
  }

  private static Subject in(WorkerPool pool, List<Row> rows) {
    PythonFunction take = pool.function("tablework:take").arg("rows", rows);
    return () -> same(rows.size(), take.call(Integer.class));
  }

  private static Subject out(WorkerPool pool, List<Row> rows) {
    PythonFunction give = pool.function("tablework:give").arg("count", rows.size());
    return () -> {
      List<Row> got = give.call(LIST);
      same(rows.size(), got.size());
      if (!got.get(got.size() - 1).equals(rows.get(rows.size() - 1))) {
        throw new AssertionError(got.get(got.size() - 1) + " came last");
      }
    };
  }

  private static void same(int wanted, int got) {
    if (wanted != got) {
      throw new AssertionError(got + " rows in place of " + wanted);
    }
  }
}
