// SPDX-License-Identifier: Apache-2.0
package org.serpentry.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.serpentry.bench.BenchPools;
import org.serpentry.bench.BenchPython;
import org.serpentry.bench.Figures;
import org.serpentry.bench.Load;
import org.serpentry.bench.Load.Measured;
import org.serpentry.bench.Placement;
import org.serpentry.bench.RawSocket;
import org.serpentry.bench.Results;
import org.serpentry.bench.Rounds;
import org.serpentry.bench.Workload;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.pool.WorkerPool;

/** The same call by other ways, in turns with ours. */
@Tag("bench")
@DisabledIfSystemProperty(named = "bench.skip", matches = ".*\\bpeers\\b.*")
class PeerBench {

  private static final int ROUNDS = Integer.getInteger("bench.peers.rounds", 10);
  private static final int CALLS = Integer.getInteger("bench.peers.calls", 1_000);
  private static final int WARMUP = Integer.getInteger("bench.peers.warmup", 10_000);
  private static final int LOAD_ROUNDS = Integer.getInteger("bench.peers.load.rounds", 8);
  private static final int LOAD_MILLIS = Integer.getInteger("bench.peers.load.millis", 1_000);
  private static final String[] PACKAGES = {
    "py4j", "fastapi", "uvicorn", "uvloop", "httptools", "grpcio", "orjson"
  };
  private static final String OURS = "peers.core-call";
  private static final String OURS_MANY = "peers.many.core";
  private static final int CALLERS = 32;
  private static final int WORKERS = 2;

  @Test
  void callsBesideOthers() throws Exception {
    Path ours = BenchPython.interpreter();
    Path theirs = BenchPython.interpreter(PeerProcess.SCRIPTS.resolve("requirements.lock"));
    Results results =
        new Results(BenchPython.directory(), "peers")
            .fact("Python", BenchPython.versions(ours))
            .fact("Python of the peers", BenchPython.versions(theirs, PACKAGES));
    oneCaller(ours, theirs, results);
    manyCallers(ours, theirs, results);
    results.write();
  }

  private static void oneCaller(Path ours, Path theirs, Results results) throws Exception {
    JsonbCodec codec = JsonbCodec.create(false, 128);
    Map<String, Peer> peers = new LinkedHashMap<>();
    try (RawSocket raw = RawSocket.start(ours, BenchPython.RUNTIME, BenchPython.SCRIPTS, codec);
        WorkerPool pool = BenchPools.start(ours, BenchPools.of("peers", 1))) {
      peers.put("peers.py4j", new Py4jPeer(theirs));
      peers.put("peers.fastapi", new HttpPeer(theirs));
      peers.put("peers.grpcio", new GrpcPeer(theirs, 1, "threads", "1"));
      peers.put("peers.grpcio-aio", new GrpcPeer(theirs, 1, "aio"));
      jep(peers, results);
      Rounds rounds =
          new Rounds(ROUNDS, CALLS)
              .with("peers.raw-socket", raw)
              .with(OURS, Workload.checked(pool.function(Workload.PLAIN)));
      peers.forEach(rounds::with);
      LongStream pids =
          LongStream.concat(
              LongStream.of(raw.pid(), Workload.pid(pool)),
              peers.values().stream().flatMapToLong(peer -> LongStream.of(peer.pids())));
      rounds.placed(Placement.of(ours, pids.toArray())).run(WARMUP);
      results
          .put("peers.raw-socket", rounds.figures("peers.raw-socket"))
          .put(OURS, rounds.figures(OURS, "peers.raw-socket"));
      peers.forEach(
          (name, peer) ->
              results
                  .fact(name, peer.description())
                  .put(
                      name,
                      rounds
                          .figures(name, "peers.raw-socket")
                          .with("timesCoreCall", rounds.ratio(name, OURS))));
    } finally {
      close(peers);
    }
  }

  /** In process; says why where it cannot be had. */
  private static void jep(Map<String, Peer> peers, Results results) throws Exception {
    String name = "peers.jep";
    JepPython python;
    try {
      python =
          JepPython.at(
              BenchPython.REPOSITORY.resolve("target/bench-jep"), BenchPython.baseInterpreter());
    } catch (IOException missing) {
      results.put(name, Figures.unavailable("Jep cannot be built here: " + missing.getMessage()));
      return;
    }
    peers.put(name, new JepPeer(python.packageDirectory(), python.home()));
  }

  /** Two workers against two servers of each kind. */
  private static void manyCallers(Path ours, Path theirs, Results results) throws Exception {
    Map<String, Peer> peers = new LinkedHashMap<>();
    try (WorkerPool pool =
        BenchPools.start(
            ours,
            BenchPools.of("peers-many", WORKERS).life(l -> l.callsPerWorker(CALLERS / WORKERS)))) {
      peers.put("peers.many.grpcio", new GrpcPeer(theirs, WORKERS, "threads", "1"));
      peers.put("peers.many.grpcio-16", new GrpcPeer(theirs, WORKERS, "threads", "16"));
      peers.put("peers.many.grpcio-aio", new GrpcPeer(theirs, WORKERS, "aio"));
      peers.put("peers.many.fastapi", new HttpPeers(theirs, WORKERS));
      Load load =
          new Load(CALLERS, LOAD_ROUNDS, LOAD_MILLIS)
              .with(OURS_MANY, Workload.checked(pool.function(Workload.PLAIN)));
      peers.forEach(load::with);
      Map<String, Measured> measured = load.run();
      Measured own = measured.get(OURS_MANY);
      results.fact(OURS_MANY, "calls-per-worker=16 on 2 workers, orjson");
      measured.forEach(
          (name, f) ->
              results.put(
                  name,
                  f.figures()
                      .with("oursTimesThis", own.timesAsFastAs(f))
                      .with("oursTimesThisByCpu", f.cpuMicros() / own.cpuMicros())));
      peers.forEach((name, peer) -> results.fact(name, peer.description()));
    } finally {
      close(peers);
    }
  }

  private static void close(Map<String, Peer> peers) throws Exception {
    for (Peer peer : peers.values()) {
      peer.close();
    }
  }
}
