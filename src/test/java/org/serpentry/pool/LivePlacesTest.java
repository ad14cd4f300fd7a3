// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.WorkerState;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.spi.PoolListener.PoolEvent;
import org.serpentry.spi.ReloadEvent;
import org.serpentry.spi.ReloadEvent.Step;
import org.serpentry.testing.PoolWatcher.Moved;

/** How many calls a worker runs at once, changed again and again while the pool runs. */
@Tag("core-pool")
@Tag("layer-2")
@Timeout(120)
class LivePlacesTest {

  private static final String PLACES = "calls-per-worker";

  @TempDir Path modules;

  private static void change(WatchedPool pool, int places) {
    pool.pool().operator().change(PLACES, Integer.toString(places), "test");
  }

  private WatchedPool start(UnaryOperator<PoolConfigBuilder> settings) throws IOException {
    Files.writeString(modules.resolve("starting.py"), "");
    return WatchedPool.start(
        1, config -> settings.apply(config.preload(List.of("starting"))), modules);
  }

  /** Templates that start from now on wait until the gate is open, and fail then. */
  private Path holdTemplates() throws IOException {
    Path gate = modules.resolve("gate");
    Files.writeString(
        modules.resolve("starting.py"),
        """
        import pathlib, time
        here = pathlib.Path(%s)
        (here / "begun").touch()
        while not (here / "gate").exists():
            time.sleep(0.01)
        raise LookupError("no licence")
        """
            .formatted("'" + modules + "'"));
    return gate;
  }

  @Test
  void severalChangesOfWhichNoneServesEndAtWhatServes() throws Exception {
    try (WatchedPool pool = start(UnaryOperator.identity())) {
      int pid = pool.pid(0);
      Path gate = holdTemplates();
      int mark = pool.watcher().mark();
      change(pool, 3);
      change(pool, 5);
      change(pool, 4);

      Files.createFile(gate);

      pool.watcher()
          .awaitAfter(
              mark, PoolEvent.class, event -> event.text().startsWith("calls-per-worker is"));
      assertThat(pool.pool().operator().settings().text(PLACES)).isEqualTo("1");
      assertThat(pool.pool().operator().settings().export()).isEmpty();
      assertThat(pool.assertWhole()).containsExactly(pid);
    }
  }

  @Test
  void theLastOfSeveralChangesHoldsThoughOneBeforeItFails() throws Exception {
    try (WatchedPool pool = start(UnaryOperator.identity())) {
      Path gate = holdTemplates();
      int mark = pool.watcher().mark();
      change(pool, 3);
      while (Files.notExists(modules.resolve("begun"))) {
        Thread.onSpinWait();
      }
      change(pool, 5);
      Files.writeString(modules.resolve("starting.py"), "");

      Files.createFile(gate);

      pool.watcher().awaitAfter(mark, ReloadEvent.class, event -> event.step() == Step.FAILED);
      pool.watcher().awaitAfter(mark, ReloadEvent.class, event -> event.step() == Step.DONE);
      pool.assertWhole();
      assertThat(pool.pool().crew().nursery().templates().servingPlaces()).isEqualTo(5);
      assertThat(pool.pool().operator().settings().text(PLACES)).isEqualTo("5");
    }
  }

  @Test
  void asManyWorkersComeAsTheirPlacesAskForAndNotThoseOfASettingThatIsOnTrial() throws Exception {
    try (WatchedPool pool =
        start(c -> c.maxSize(4).life(l -> l.callsPerWorker(4).overflowDelay(Duration.ZERO)))) {
      holdTemplates();
      change(pool, 1);

      List<CompletableFuture<Object>> calls = new ArrayList<>();
      for (int call = 0; call < 8; call++) {
        calls.add(pool.function("faulty:async_sleep").args(60).callAsync(Object.class));
      }
      while (pool.pool().operator().running().size() < calls.size()) {
        Thread.onSpinWait();
      }

      assertThat(pool.watcher().all(Moved.class))
          .filteredOn(moved -> moved.transition().to() == WorkerState.READY)
          .hasSize(2);
      assertThat(pool.snapshot().workers()).hasSize(2);
      calls.forEach(call -> call.cancel(true));
    }
  }

  @Test
  void templatesThatHaveNoWorkersAreForgotten() throws Exception {
    try (WatchedPool pool = start(UnaryOperator.identity())) {
      for (int places = 2; places <= 5; places++) {
        long worker = pool.snapshot().workers().get(0).worker();
        int mark = pool.watcher().mark();
        change(pool, places);
        pool.watcher().awaitAfter(mark, ReloadEvent.class, event -> event.step() == Step.DONE);
        pool.watcher()
            .awaitAfter(
                mark,
                Moved.class,
                moved ->
                    moved.worker().worker() == worker
                        && moved.transition().to() == WorkerState.TERMINATED);
      }
      pool.assertWhole(); // After all that the last end has caused.

      assertThat(pool.pool().crew().nursery().templates().known()).isEqualTo(1);
    }
  }
}
