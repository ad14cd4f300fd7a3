// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.serpentry.api.CodeReloadException;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PythonCallException;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.StartMethod;
import org.serpentry.config.StartMode;
import org.serpentry.environment.CodeSnapshot;
import org.serpentry.environment.ModuleSource;
import org.serpentry.environment.PinnedCode;
import org.serpentry.environment.RuntimeFiles;
import org.serpentry.spi.ReloadEvent;
import org.serpentry.spi.ReloadEvent.Step;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.Processes;

/** New code takes over while calls run, or is refused and leaves no trace. */
@Tag("core-pool")
@Tag("layer-2")
class CodeReloadTest {

  private static final String VERSIONED =
      "import serpentry\n@serpentry.expose\ndef version():\n    return %d\n";

  @TempDir Path modules;
  @TempDir Path cache;

  private void write(String name, String text) throws IOException {
    Files.writeString(modules.resolve(name + ".py"), text);
  }

  private void version(int number) throws IOException {
    write("versioned", VERSIONED.formatted(number));
  }

  private static int version(WatchedPool pool) {
    return pool.function("versioned:version").call(Integer.class);
  }

  private static CodeReloadException refusal(WatchedPool pool) {
    return (CodeReloadException) failure(pool.pool().control().reloadCode());
  }

  private static CodeReload reload(WatchedPool pool) {
    return end(pool.pool().control().reloadCode());
  }

  private static <T> T end(CompletableFuture<T> future) {
    return future.orTimeout(30, TimeUnit.SECONDS).join();
  }

  private static Throwable failure(CompletableFuture<CodeReload> reload) {
    return end(reload.handle((value, failure) -> failure));
  }

  private static List<Step> steps(WatchedPool pool) {
    return pool.watcher().all(ReloadEvent.class).stream().map(ReloadEvent::step).toList();
  }

  @ParameterizedTest
  @EnumSource(StartMethod.class)
  void swapsTheCodeWhileCallsRunAndFailsNone(StartMethod method) throws Exception {
    version(1);
    try (WatchedPool pool =
        WatchedPool.start(3, c -> c.preload(List.of("versioned")).startMethod(method), modules)) {
      var before = pool.assertWhole();
      AtomicBoolean over = new AtomicBoolean();
      List<CompletableFuture<Integer>> callers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        callers.add(
            CompletableFuture.supplyAsync(
                () -> {
                  int last = version(pool);
                  while (!over.get()) {
                    last = version(pool);
                  }
                  return last;
                }));
      }
      version(2);
      CodeReload done = reload(pool);
      over.set(true);
      for (CompletableFuture<Integer> caller : callers) {
        assertThat(end(caller)).isIn(1, 2);
      }
      assertThat(done.workers()).isEqualTo(3);
      assertThat(done.codeHash()).isNotEqualTo(done.formerHash());
      assertThat(pool.snapshot().workers()).allMatch(w -> w.codeHash().equals(done.codeHash()));
      assertThat(pool.assertWhole()).doesNotContainAnyElementsOf(before);
      assertThat(version(pool)).isEqualTo(2);
      assertThat(steps(pool)).containsExactly(Step.STARTED, Step.CANARY_PASSED, Step.DONE);
      assertThat(pool.snapshot().calls().workerFailures()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(StartMethod.class)
  void refusesCodeWhoseImportRaises(StartMethod method) throws Exception {
    version(1);
    try (WatchedPool pool =
        WatchedPool.start(2, c -> c.preload(List.of("versioned")).startMethod(method), modules)) {
      var before = pool.assertWhole();
      write("versioned", "raise LookupError('no such release')\n");
      CodeReloadException refusal = refusal(pool);
      assertThat(refusal)
          .hasMessageContaining("no such release")
          .hasMessageContaining("serves on")
          .hasMessageContaining("versioned.py");
      if (method == StartMethod.FORKSERVER) {
        assertThat(refusal.traceback()).contains("LookupError: no such release");
      }
      assertThat(version(pool)).isEqualTo(1);
      assertThat(pool.assertWhole()).isEqualTo(before);
      assertThat(steps(pool)).containsExactly(Step.STARTED, Step.FAILED);
    }
  }

  @Test
  void refusesCodeWhoseFirstWorkerFailsItsHealthFunction() throws Exception {
    String healthy = "import serpentry\n@serpentry.expose\ndef well():\n    %s\n";
    write("checked", healthy.formatted("return True"));
    version(1);
    try (WatchedPool pool =
        WatchedPool.start(
            2,
            c ->
                c.preload(List.of("checked", "versioned"))
                    .life(l -> l.healthCheckFunction("checked:well")),
            modules)) {
      var before = pool.assertWhole();
      write("checked", healthy.formatted("raise RuntimeError('model is missing')"));
      version(2);
      CodeReloadException refusal = refusal(pool);
      assertThat(refusal)
          .hasMessageContaining("model is missing")
          .hasCauseInstanceOf(PythonCallException.class);
      assertThat(refusal.traceback()).contains("RuntimeError");
      assertThat(version(pool)).isEqualTo(1);
      assertThat(pool.assertWhole()).isEqualTo(before);
      write("checked", healthy.formatted("return None"));
      reload(pool);
      assertThat(version(pool)).isEqualTo(2);
    }
  }

  @Test
  void refusesCodeWhoseFirstWorkerDies() throws Exception {
    String check = "import os, serpentry\n@serpentry.expose\ndef well():\n    %s\n";
    write("checked", check.formatted("return 1"));
    try (WatchedPool pool =
        WatchedPool.start(
            1,
            c -> c.preload(List.of("checked")).life(l -> l.healthCheckFunction("checked:well")),
            modules)) {
      var before = pool.assertWhole();
      write("checked", check.formatted("os._exit(7)"));
      assertThat(refusal(pool)).hasMessageContaining("exit code 7");
      assertThat(pool.assertWhole()).isEqualTo(before);
    }
  }

  @Test
  void keepsTheFormerCodeOnDiskUntilItIsNotNeeded() throws Exception {
    version(1);
    write("late", "VALUE = 'old'\n");
    write(
        "importing",
        "import serpentry\n@serpentry.expose\ndef late():\n    import late\n    return late.VALUE\n");
    PoolConfig config = TestPools.config().preload(List.of("versioned")).build();
    try (RuntimeFiles files =
        RuntimeFiles.unpack(
            cache, CodeReloadTest.class.getClassLoader(), ModuleSource.of(java.util.Map.of()))) {
      PinnedCode code = files.pin(List.of(modules));
      CodeSnapshot first = code.take();
      try (WatchedPool pool =
          WatchedPool.start(TestPools.builder(config).code(code, first), b -> b)) {
        write("versioned", "raise LookupError('broken')\n");
        write("late", "VALUE = 'new'\n");
        refusal(pool);
        assertThat(pool.function("importing:late").call(String.class)).isEqualTo("old");
        version(2);
        CodeReload done = reload(pool);
        assertThat(done.codeHash()).isEqualTo(pool.snapshot().workers().get(0).codeHash());
        assertThat(pool.function("importing:late").call(String.class)).isEqualTo("new");
        assertThat(version(pool)).isEqualTo(2);
        assertThat(first.roots().get(0)).as("the way back leads there").exists();
        version(3);
        reload(pool);
      }
      assertThat(first.roots().get(0)).doesNotExist();
    }
  }

  @Test
  void goesBackToTheCodeBeforeAndForwardAgain() throws Exception {
    version(1);
    PoolConfig config = TestPools.config().preload(List.of("versioned")).build();
    try (RuntimeFiles files =
        RuntimeFiles.unpack(
            cache, CodeReloadTest.class.getClassLoader(), ModuleSource.of(java.util.Map.of()))) {
      PinnedCode code = files.pin(List.of(modules));
      CodeSnapshot first = code.take();
      try (WatchedPool pool =
          WatchedPool.start(TestPools.builder(config).code(code, first), b -> b)) {
        PoolOperator operator = pool.pool().operator();
        assertThat(failure(operator.rollbackCode())).hasMessageContaining("no earlier code");
        version(2);
        reload(pool);
        reload(pool); // The same once more: what comes before it stays the other one.
        assertThat(version(pool)).isEqualTo(2);

        assertThat(end(operator.rollbackCode()).codeHash()).isEqualTo(first.hash());
        assertThat(version(pool)).isEqualTo(1);
        end(operator.rollbackCode());
        assertThat(version(pool)).isEqualTo(2);
        write("versioned", "raise LookupError('broken')\n");
        refusal(pool);
        end(operator.rollbackCode());
        assertThat(version(pool)).isEqualTo(1);
        pool.assertWhole();
      }
    }
  }

  @Test
  void goesNotBackWhileCodeIsLoadedNorToFilesThatWereLoadedInPlace() throws Exception {
    version(1);
    try (WatchedPool pool = WatchedPool.start(1, c -> c.preload(List.of("versioned")), modules)) {
      write("versioned", "import time\nprint('importing', flush=True)\ntime.sleep(30)\n");
      CompletableFuture<CodeReload> reload = pool.pool().control().reloadCode();
      pool.watcher().await(PoolWatcher.Printed.class, p -> p.lines().contains("importing"));
      assertThat(failure(pool.pool().operator().rollbackCode()))
          .hasMessageContaining("Code is being loaded");
      version(2);
      Processes.signal("KILL", pool.snapshot().launcherPid());
      assertThat(failure(reload)).hasMessageContaining("launcher was lost");
      reload(pool);
      assertThat(failure(pool.pool().operator().rollbackCode()))
          .hasMessageContaining("no earlier code");
      assertThat(version(pool)).isEqualTo(2);
    }
  }

  @Test
  void repairsAPoolWhoseCodeCouldNotBeImported() throws Exception {
    write("versioned", "raise LookupError('broken')\n");
    try (WatchedPool pool =
        WatchedPool.start(
            2, c -> c.preload(List.of("versioned")).start(StartMode.BACKGROUND), modules)) {
      pool.watcher()
          .await(org.serpentry.spi.PoolListener.PoolEvent.class, e -> e.text().contains("broken"));
      version(2);
      reload(pool);
      assertThat(version(pool)).isEqualTo(2);
      pool.assertWhole();
    }
  }

  @Test
  void provesNewCodeInALazyPoolThatHasNoWorkerYet() throws Exception {
    version(1);
    try (WatchedPool pool =
        WatchedPool.start(2, c -> c.preload(List.of("versioned")).start(StartMode.LAZY), modules)) {
      version(2);
      assertThat(reload(pool).workers()).isEqualTo(1);
      assertThat(version(pool)).isEqualTo(2);
    }
  }

  @Test
  void replacesWorkersThatDieDuringATrialFromTheCodeThatWorks() throws Exception {
    String check = "import time, serpentry\n@serpentry.expose\ndef well():\n    %s\n";
    write("checked", check.formatted("pass"));
    version(1);
    try (WatchedPool pool =
        WatchedPool.start(
            2,
            c ->
                c.preload(List.of("checked", "versioned"))
                    .life(l -> l.healthCheckFunction("checked:well")),
            modules)) {
      version(2);
      write("checked", check.formatted("serpentry.context().progress('on trial'); time.sleep(30)"));
      CompletableFuture<CodeReload> reload = pool.pool().control().reloadCode();
      var canary = pool.watcher().awaitProgress(0, "on trial").worker();
      int other = 1 - canary.slot();
      int mark = pool.watcher().mark();
      Processes.signal("KILL", pool.pid(other));
      pool.watcher().awaitReady(mark, other);
      assertThat(version(pool)).isEqualTo(1);
      Processes.signal("KILL", canary.pid());
      assertThat(failure(reload)).hasMessageContaining("SIGKILL");
      assertThat(version(pool)).isEqualTo(1);
      pool.assertWhole();
    }
  }

  @Test
  void isRefusedWhenTheLauncherIsLostAndSucceedsAfterwards() throws Exception {
    version(1);
    try (WatchedPool pool = WatchedPool.start(2, c -> c.preload(List.of("versioned")), modules)) {
      write("versioned", "import time\nprint('importing', flush=True)\ntime.sleep(30)\n");
      CompletableFuture<CodeReload> reload = pool.pool().control().reloadCode();
      pool.watcher().await(PoolWatcher.Printed.class, p -> p.lines().contains("importing"));
      version(3);
      Processes.signal("KILL", pool.snapshot().launcherPid());
      assertThat(failure(reload)).hasMessageContaining("launcher was lost");
      reload(pool);
      assertThat(version(pool)).isEqualTo(3);
      pool.assertWhole();
    }
  }

  @Test
  void makesOneOfTheRequestsThatWait() throws Exception {
    version(1);
    try (WatchedPool pool = WatchedPool.start(1, c -> c.preload(List.of("versioned")), modules)) {
      var control = pool.pool().control();
      var first = control.reloadCode();
      var second = control.reloadCode();
      var third = control.reloadCode();
      end(first);
      assertThat(end(third)).isEqualTo(end(second));
      assertThat(steps(pool)).filteredOn(s -> s == Step.DONE).hasSize(2);
    }
  }

  @Test
  void endsWithThePool() throws Exception {
    version(1);
    CompletableFuture<CodeReload> reload;
    try (WatchedPool pool = WatchedPool.start(1, c -> c.preload(List.of("versioned")), modules)) {
      write("versioned", "import time\ntime.sleep(30)\n");
      reload = pool.pool().control().reloadCode();
      pool.watcher().await(ReloadEvent.class, e -> e.step() == Step.STARTED);
    }
    assertThat(failure(reload)).isInstanceOf(PoolClosedException.class);
  }

  @Test
  void reloadsByItselfWhenAFileChanges() throws Exception {
    version(1);
    try (WatchedPool pool =
        WatchedPool.start(
            1, c -> c.preload(List.of("versioned")).life(l -> l.watchCode(true)), modules)) {
      version(20);
      pool.watcher().await(ReloadEvent.class, e -> e.step() == Step.DONE);
      assertThat(version(pool)).isEqualTo(20);
      int mark = pool.watcher().mark();
      write("versioned", "raise LookupError('half-written')\n");
      pool.watcher().awaitAfter(mark, ReloadEvent.class, e -> e.step() == Step.FAILED);
      assertThat(version(pool)).isEqualTo(20);
      int repaired = pool.watcher().mark();
      version(300);
      pool.watcher().awaitAfter(repaired, ReloadEvent.class, e -> e.step() == Step.DONE);
      assertThat(version(pool)).isEqualTo(300);
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("serpentry-test"));
  }
}
