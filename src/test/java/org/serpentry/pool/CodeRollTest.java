// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.CodeReloadException;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.config.StartMethod;
import org.serpentry.environment.ModuleSource;
import org.serpentry.environment.PinnedCode;
import org.serpentry.environment.RuntimeFiles;
import org.serpentry.spi.PoolListener.PoolEvent;
import org.serpentry.spi.ReloadEvent;
import org.serpentry.spi.ReloadEvent.Step;
import org.serpentry.testing.PoolWatcher;
import org.serpentry.testing.Processes;

/** What happens between the canary of a code reload and its last worker. */
@Tag("core-pool")
@Tag("layer-2")
class CodeRollTest {

  private static final int SIZE = 3;
  private static final Pattern TEMPLATE = Pattern.compile("is ready as process (\\d+)");

  @TempDir Path modules;
  @TempDir Path cache;
  private RuntimeFiles files;

  @BeforeEach
  void unpack() throws IOException {
    files =
        RuntimeFiles.unpack(
            cache, CodeRollTest.class.getClassLoader(), ModuleSource.of(java.util.Map.of()));
  }

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  /** Writes a version of the code, with further lines that are run when it is imported. */
  private void version(int number, String... more) throws IOException {
    Files.writeString(
        modules.resolve("versioned.py"),
        "import os, serpentry\n@serpentry.expose\ndef version():\n    return %d\n%s\n"
            .formatted(number, String.join("\n", more)));
  }

  private WatchedPool pool(
      UnaryOperator<PoolConfigBuilder> settings, UnaryOperator<PoolBuilder> parts)
      throws IOException {
    PoolConfigBuilder config =
        TestPools.config().size(SIZE).maxSize(SIZE).preload(List.of("versioned"));
    // Only a copy is still there to be gone back to, once its files have changed.
    PinnedCode code = files.pin(List.of(modules, TestPools.MODULES));
    return WatchedPool.start(
        TestPools.builder(settings.apply(config).build()).code(code, code.take()), parts);
  }

  private static <T> T end(CompletableFuture<T> future) {
    return future.orTimeout(60, TimeUnit.SECONDS).join();
  }

  private static int version(WatchedPool pool) {
    return pool.function("versioned:version").call(Integer.class);
  }

  private static CodeReloadException failure(CompletableFuture<CodeReload> reload) {
    return (CodeReloadException) end(reload.handle((done, failure) -> failure));
  }

  private static void assertRolledBack(WatchedPool pool, String formerHash) {
    pool.watcher().await(ReloadEvent.class, e -> e.step() == Step.FAILED);
    PoolWatcher watcher = pool.watcher();
    for (int mark = watcher.mark();
        !pool.snapshot().workers().stream().allMatch(w -> w.codeHash().equals(formerHash));
        mark = watcher.mark()) {
      watcher.awaitAfter(mark, PoolWatcher.Moved.class, any -> true);
    }
    pool.assertWhole();
    for (int call = 0; call < 3 * SIZE; call++) {
      assertThat(version(pool)).isEqualTo(1);
    }
    assertThat(watcher.all(ReloadEvent.class))
        .extracting(ReloadEvent::step)
        .containsExactly(Step.STARTED, Step.CANARY_PASSED, Step.FAILED);
  }

  @Test
  void goesBackWhenTheWorkersAfterTheCanaryDoNotStart() throws Exception {
    version(1);
    try (WatchedPool pool = pool(c -> c.startMethod(StartMethod.SPAWN), b -> b)) {
      pool.assertWhole();
      String former = pool.snapshot().workers().get(0).codeHash();
      try (Load load = new Load(pool, 4)) {
        // The first worker of the new code is that of slot 0, which is the least disturbed.
        version(2, "if os.environ['SERPENTRY_SLOT'] != '0': os._exit(9)");
        CodeReloadException failure = failure(pool.pool().control().reloadCode());
        assertThat(failure).hasMessageContaining("exit code 9").hasMessageContaining("serves on");
        assertRolledBack(pool, former);
      }
    }
  }

  @Test
  void goesBackWhenTheNewTemplateDiesBeforeTheLastWorkerIsReplaced() throws Exception {
    version(1);
    try (WatchedPool pool = pool(c -> c.life(l -> l.recycleOverlap(false)), b -> b)) {
      pool.assertWhole();
      String former = pool.snapshot().workers().get(0).codeHash();
      int mark = pool.watcher().mark();
      // A worker that is in a call is not replaced before its end: the roll waits for it.
      List<CompletableFuture<Object>> held =
          List.of(
              pool.function("several:wait_for").args("roll").callAsync(Object.class),
              pool.function("several:wait_for").args("roll").callAsync(Object.class));
      pool.watcher().awaitProgress(mark, "waiting");
      version(2);
      CompletableFuture<CodeReload> reload = pool.pool().control().reloadCode();
      pool.watcher().await(ReloadEvent.class, e -> e.step() == Step.CANARY_PASSED);
      Processes.signal("KILL", newestTemplate(pool));
      assertThat(failure(reload)).hasMessageContaining("template failed");
      held.forEach(call -> call.cancel(true));
      assertRolledBack(pool, former);
    }
  }

  private static long newestTemplate(WatchedPool pool) {
    List<Long> found =
        pool.watcher().all(PoolEvent.class).stream()
            .map(event -> TEMPLATE.matcher(event.text()))
            .filter(Matcher::find)
            .map(matcher -> Long.valueOf(matcher.group(1)))
            .toList();
    return found.get(found.size() - 1);
  }

  @Test
  void withoutOverlapTheNumberOfWorkersDropsByOneAtMostAndNoCallFails() throws Exception {
    version(1);
    InService serving = new InService(SIZE);
    try (WatchedPool pool =
        pool(c -> c.life(l -> l.recycleOverlap(false)), b -> b.listener(serving))) {
      var before = pool.assertWhole();
      version(2);
      try (Load load = new Load(pool, 6)) {
        CodeReload done = end(pool.pool().control().reloadCode());
        assertThat(done.workers()).isEqualTo(SIZE);
        assertThat(pool.snapshot().workers()).allMatch(w -> w.codeHash().equals(done.codeHash()));
      }
      assertThat(pool.assertWhole()).doesNotContainAnyElementsOf(before);
      assertThat(version(pool)).isEqualTo(2);
      assertThat(serving.fewest()).isGreaterThanOrEqualTo(SIZE - 1);
    }
  }

  @Test
  void aWorkerWithSeveralCallsEndsThemBeforeItGivesWayToTheNewCode() throws Exception {
    version(1);
    try (WatchedPool pool = pool(c -> c.life(l -> l.callsPerWorker(4)), b -> b)) {
      var before = pool.assertWhole();
      int mark = pool.watcher().mark();
      Path file = modules.resolve("go on");
      List<CompletableFuture<Object>> held =
          IntStream.range(0, 2 * SIZE)
              .mapToObj(
                  i ->
                      pool.function("several:wait_for_file")
                          .args(file.toString(), "token " + i)
                          .callAsync(Object.class))
              .toList();
      pool.watcher().awaitProgress(mark, "waiting");
      version(2);
      try (Load load = new Load(pool, 6)) {
        CodeReload done = end(pool.pool().control().reloadCode());
        assertThat(done.workers()).isEqualTo(SIZE);
        assertThat(version(pool)).isEqualTo(2);
      }
      assertThat(held).noneMatch(CompletableFuture::isDone);
      Files.createFile(file);
      for (int i = 0; i < held.size(); i++) {
        assertThat(end(held.get(i)).toString()).contains("token " + i);
      }
      before.forEach(pid -> pool.watcher().awaitExit(pid));
      assertThat(pool.assertWhole()).doesNotContainAnyElementsOf(before);
      assertThat(pool.snapshot().calls().workerFailures()).isZero();
    }
  }
}
