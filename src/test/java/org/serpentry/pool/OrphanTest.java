// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.original.Original;
import org.serpentry.spi.PoolListener.PoolEvent;
import org.serpentry.testing.Processes;

/** Nothing outlives a server or a launcher that was killed, not even daemons that workers made. */
@Original("snakepit")
@Tag("core-pool")
@Tag("layer-3")
class OrphanTest {

  private static final long PATIENCE_MILLIS = 30_000;

  @TempDir Path temporary;
  private Path registry;
  private static final Path SHARED = Path.of("/dev/shm");

  private Process host;
  private List<Long> pids;

  @BeforeEach
  void startHost() throws IOException {
    registry = temporary.resolve("runs");
    host =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OrphanHost.class.getName(),
                registry.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = host.inputReader();
    pids = Stream.of(output.readLine().split(" ")).map(Long::valueOf).toList();
    assertThat(pids).allMatch(Processes::alive);
  }

  @AfterEach
  void endHost() {
    host.destroyForcibly();
  }

  private void killHost() throws InterruptedException {
    Processes.signal("KILL", host.pid());
    assertThat(host.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
  }

  @Test
  void everythingEndsWithAKilledJvm() throws Exception {
    killHost();
    Processes.awaitEnd(pids, PATIENCE_MILLIS);
  }

  @Test
  void theNextStartEndsADaemonWhoseLauncherWasKilledToo() throws Exception {
    long daemon = pids.get(2);
    String text;
    try (Stream<Path> files = Files.list(registry)) {
      text = Files.readString(files.findFirst().orElseThrow());
    }
    Path run =
        Path.of(
            text.lines()
                .filter(l -> l.startsWith("directory "))
                .findFirst()
                .orElseThrow()
                .substring("directory ".length()));
    assertThat(run).isDirectory();
    // The JVM first would let the launcher clear up, the launcher first would let the JVM.
    Processes.signal("STOP", host.pid());
    Processes.signal("KILL", pids.get(0));
    killHost();
    Processes.awaitEnd(pids.subList(0, 2), PATIENCE_MILLIS);
    assertThat(Processes.alive(daemon)).isTrue();
    try (WatchedPool next = WatchedPool.start(1, c -> c.life(l -> l.runRegistry(registry)))) {
      Processes.awaitEnd(List.of(daemon), PATIENCE_MILLIS);
      assertThat(run).doesNotExist();
      try (Stream<Path> files = Files.list(registry)) {
        assertThat(files).hasSize(1);
      }
      next.assertWhole();
    }
    assertThat(registry).isEmptyDirectory();
  }

  @Test
  void theNextStartTakesAwayTheSegmentsOfADeadRunAndNoLivingOnes() throws Exception {
    String dead;
    try (Stream<Path> files = Files.list(registry)) {
      dead = Files.readAllLines(files.findFirst().orElseThrow()).get(0).split(" ", -1)[2];
    }
    Path left = Files.createFile(SHARED.resolve("serpentry-" + dead + "-1-0123456789abcdef"));
    try {
      try (WatchedPool other = WatchedPool.start(1, c -> c.life(l -> l.runRegistry(registry)))) {
        assertThat(left).as("a segment of a run that lives").exists();
        other.assertWhole();
      }
      killHost();
      Processes.awaitEnd(pids, PATIENCE_MILLIS);
      try (WatchedPool next = WatchedPool.start(1, c -> c.life(l -> l.runRegistry(registry)))) {
        assertThat(left).as("a segment of a run that is dead").doesNotExist();
        next.assertWhole();
      }
    } finally {
      Files.deleteIfExists(left);
    }
  }

  @Test
  void theSameRunEndsADaemonWhoseLauncherWasKilled() {
    try (WatchedPool pool = WatchedPool.start(1, c -> c.life(l -> l.runRegistry(registry)))) {
      long daemon = pool.function("faulty:daemon").call(Integer.class);
      int mark = pool.watcher().mark();
      Processes.signal("KILL", pool.snapshot().launcherPid());
      pool.watcher()
          .awaitAfter(mark, PoolEvent.class, e -> e.text().contains("the launcher was lost"));
      Processes.awaitEnd(List.of(daemon), PATIENCE_MILLIS);
      pool.assertWhole();
      // Another run's, in the same registry, is not touched.
      assertThat(pids).allMatch(Processes::alive);
    }
  }
}
