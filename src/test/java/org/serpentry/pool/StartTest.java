// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.serpentry.api.WorkerStartException;
import org.serpentry.codec.JsonbCodec;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.config.StartMethod;
import org.serpentry.config.StartMode;
import org.serpentry.original.Original;
import org.serpentry.spi.WorkerLauncher;
import org.serpentry.testing.Processes;
import org.serpentry.worker.DirectLauncher;

/** Starts of every mode, and starts that fail: they say why and leave nothing behind. */
@Original("pool_worker_v2")
@Tag("core-pool")
@Tag("layer-2")
class StartTest {

  private static final Duration SHORT = Duration.ofMillis(700);

  @TempDir Path modules;
  private List<Long> children;

  /** The run directories whose words this JVM has mapped and that still exist. */
  private static List<String> runDirectories() {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.endsWith("/words")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeEach
  void look() {
    children = Processes.childrenOf(ProcessHandle.current().pid());
  }

  @AfterEach
  void nothingIsLeft() {
    List<Long> more = new ArrayList<>(Processes.childrenOf(ProcessHandle.current().pid()));
    more.removeAll(children);
    Processes.awaitEnd(more, 2_000);
    assertThat(threads()).isEmpty();
    assertThat(runDirectories()).isEmpty();
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("serpentry-test"))
        .toList();
  }

  private void module(String name, String text) throws IOException {
    Files.writeString(modules.resolve(name + ".py"), text);
  }

  private WorkerStartException failure(UnaryOperator<PoolConfigBuilder> settings) {
    try (WatchedPool pool = WatchedPool.start(2, settings, modules)) {
      throw new AssertionError("it started: " + pool.snapshot());
    } catch (WorkerStartException e) {
      return e;
    }
  }

  @ParameterizedTest
  @EnumSource(StartMethod.class)
  void servesAtOnceWhenEager(StartMethod method) {
    try (WatchedPool pool = WatchedPool.start(2, c -> c.startMethod(method))) {
      assertThat(pool.snapshot().workers()).hasSize(2).allMatch(w -> w.pid() != 0);
      pool.assertWhole();
    }
  }

  @Test
  void startsOneWorkerPerWaitingCallWhenLazy() {
    try (WatchedPool pool = WatchedPool.start(3, c -> c.start(StartMode.LAZY))) {
      assertThat(pool.snapshot().launcherPid()).isZero();
      assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
      assertThat(pool.snapshot().workers()).filteredOn(w -> w.pid() != 0).hasSize(1);
      pool.assertWhole();
    }
  }

  @Test
  void startsWithoutWaitingWhenInTheBackground() throws IOException {
    module("slow_import", "import time\ntime.sleep(0.3)\n");
    try (WatchedPool pool =
        WatchedPool.start(
            2, c -> c.start(StartMode.BACKGROUND).preload(List.of("slow_import")), modules)) {
      assertThat(pool.snapshot().workers()).allMatch(w -> w.pid() == 0);
      assertThat(pool.function("faulty:add").args(1, 2).call(Integer.class)).isEqualTo(3);
      pool.assertWhole();
    }
  }

  @Test
  void quotesAPreloadThatRaises() throws IOException {
    module("raising", "raise ImportError('no such driver')\n");
    assertThat(failure(c -> c.preload(List.of("raising"))))
        .hasMessageContaining("no such driver")
        .hasMessageContaining("raising.py");
  }

  @Test
  void namesThePreloadThatDoesNotExist() {
    assertThat(failure(c -> c.preload(List.of("not_there")))).hasMessageContaining("not_there");
  }

  @Test
  void tellsTheSignalOfAPreloadThatCrashes() throws IOException {
    module("crashing", "import ctypes\nprint('about to crash')\nctypes.string_at(0)\n");
    assertThat(failure(c -> c.preload(List.of("crashing")))).hasMessageContaining("crashing.py");
  }

  @Test
  void givesUpOnAPreloadThatNeverReturns() throws IOException {
    module("endless", "while True:\n    pass\n");
    long begin = System.nanoTime();
    assertThat(failure(c -> c.preload(List.of("endless")).startTimeout(SHORT)))
        .hasMessageContaining("start-timeout");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SHORT.plusSeconds(3));
  }

  @ParameterizedTest
  @EnumSource(names = {"BACKGROUND", "LAZY"})
  void servesOnceAPreloadHasBeenRepaired(StartMode mode) throws IOException {
    module("healing", "raise RuntimeError('broken at first')\n");
    try (WatchedPool pool =
        WatchedPool.start(
            1,
            c ->
                c.start(mode)
                    .preload(List.of("healing"))
                    .restartBackoffMin(Duration.ofMillis(50))
                    .restartBackoffMax(Duration.ofMillis(100)),
            modules)) {
      assertThatExceptionOfType(WorkerStartException.class)
          .isThrownBy(() -> pool.function("faulty:add").args(1, 2).call())
          .withMessageContaining("broken at first");
      assertThat(pool.snapshot().fault()).contains("broken at first");
      module("healing", "");
      pool.watcher()
          .await(
              org.serpentry.spi.PoolListener.PoolEvent.class,
              e -> e.text().contains("workers start again"));
      pool.assertWhole();
    }
  }

  @Test
  void saysThatTheInterpreterIsMissing() {
    assertThatExceptionOfType(WorkerStartException.class)
        .isThrownBy(() -> startWith(Path.of("/nowhere/python3")))
        .withMessageContaining("/nowhere/python3");
  }

  @Test
  void quotesAnInterpreterThatIsNone() {
    assertThatExceptionOfType(WorkerStartException.class)
        .isThrownBy(() -> startWith(Path.of("/bin/ls")))
        .withMessageContaining("launcher");
  }

  private static void startWith(Path interpreter) {
    var config = TestPools.config().startTimeout(Duration.ofSeconds(5)).build();
    PythonSetup python = TestPools.python();
    new PoolBuilder(
            config,
            new PythonSetup(
                interpreter, python.runtime(), python.roots(), "", Map.of("PATH", "/usr/bin")),
            JsonbCodec.create(false, 10))
        .start()
        .close();
  }

  @Test
  void reportsWorkersThatDieBeforeTheyServe() throws IOException {
    // The preload is well in the template and deadly in a worker, as a wrong directory would be.
    module("deadly", "import os\nos.register_at_fork(after_in_child=lambda: os._exit(41))\n");
    assertThat(failure(c -> c.preload(List.of("deadly")).startTimeout(Duration.ofSeconds(3))))
        .hasMessageContaining("test");
  }

  @Test
  void triesAgainAfterAStarterThatFailedInItsOwnWay() {
    AtomicInteger starts = new AtomicInteger();
    WorkerLauncher failing =
        (command, environment, output) -> {
          if (starts.incrementAndGet() < 3) {
            throw new IllegalStateException("no threads left");
          }
          return new DirectLauncher().launch(command, environment, output);
        };
    try (WatchedPool pool =
        WatchedPool.start(1, c -> c.start(StartMode.BACKGROUND), b -> b.launcher(failing))) {
      pool.watcher()
          .await(
              org.serpentry.spi.PoolListener.PoolEvent.class,
              e -> e.text().contains("workers start again"));
      pool.assertWhole();
      assertThat(starts).hasValue(3);
    }
  }

  @Test
  void leavesNothingWhenItsThreadCannotBeHad() {
    List<String> before = Processes.openChannels();
    for (ThreadFactory threads :
        List.<ThreadFactory>of(
            task -> {
              throw new IllegalStateException("none to be had");
            },
            task ->
                new Thread(task) {
                  @Override
                  public synchronized void start() {
                    throw new OutOfMemoryError("unable to create a native thread");
                  }
                })) {
      assertThatThrownBy(() -> WatchedPool.start(1, c -> c, b -> b.threads(threads)).close())
          .hasMessageMatching("none to be had|unable to create a native thread");
    }
    assertThat(Processes.openChannels()).containsExactlyInAnyOrderElementsOf(before);
  }
}
