// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.Answered;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonType;
import org.serpentry.api.Service;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.SingleWorker;
import org.serpentry.config.StartMode;
import org.serpentry.mock.MockPool;
import org.serpentry.mock.MockScript;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.ServiceEvent;
import org.serpentry.testing.PoolWatcher;

/** A pool with fallbacks, whose template can be broken and repaired. */
abstract class CascadeFixture {

  static final PythonType<Answered<Integer>> MARKED = new PythonType<>() {};

  @TempDir Path modules;

  final PoolWatcher watcher = new PoolWatcher();
  final MockScript script = new MockScript().invent();
  final AtomicInteger singles = new AtomicInteger();
  WorkerPool core;
  Cascade cascade;

  @AfterEach
  void stop() {
    if (cascade != null) {
      cascade.close();
      core.close();
    }
  }

  void breakTheTemplate() throws IOException {
    Files.writeString(modules.resolve("fragile.py"), "raise OSError('no such device')\n");
  }

  void repairTheTemplate() throws IOException {
    Files.writeString(modules.resolve("fragile.py"), "");
  }

  PoolConfig config(String... fallback) {
    return TestPools.config()
        .start(StartMode.BACKGROUND)
        .preload(List.of("fragile"))
        .restartBackoffMin(Duration.ofMillis(1))
        .restartBackoffMax(Duration.ofMillis(50))
        .services(s -> s.fallback(fallback).fallbackHold(Duration.ofMillis(100)))
        .build();
  }

  Supplier<WorkerPool> single(PoolConfig config) {
    return () -> {
      singles.incrementAndGet();
      return TestPools.builder(SingleWorker.of(config), modules).start();
    };
  }

  void writeModules() throws IOException {
    Files.writeString(
        modules.resolve("waiting.py"),
        """
        import socket

        import serpentry


        @serpentry.expose
        def until(port: int) -> int:
            with socket.create_connection(("127.0.0.1", port)) as gate:
                return len(gate.recv(1))


        @serpentry.expose
        def count() -> int:
            state = serpentry.context().session
            state["n"] = state.get("n", 0) + 1
            return state["n"]
        """);
  }

  Service open(PoolConfig config, Supplier<WorkerPool> single) throws IOException {
    writeModules();
    core = TestPools.builder(config, modules).listener(watcher).start();
    cascade =
        Cascade.over(
            core, core, single, () -> MockPool.of(config, script), ForkJoinPool::commonPool);
    return cascade.awaitStart();
  }

  PythonFunction add() {
    return WorkerPool.function(cascade, "faulty:add").args(2, 3);
  }

  void awaitService(int mark, Service to) {
    watcher.awaitAfter(mark, ServiceEvent.class, e -> e.to() == to);
  }
}
