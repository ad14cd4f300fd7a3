// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.serpentry.api.PoolClosedException;
import org.serpentry.config.StartMethod;
import org.serpentry.config.StartMode;
import org.serpentry.testing.Processes;

/** The end of a pool and of its JVM: every caller hears, and nothing is left. */
@Tag("core-pool")
@Tag("layer-2")
class CloseTest {

  private static CompletableFuture<Object> inThread(WatchedPool pool, String target) {
    CompletableFuture<Object> result = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                result.complete(pool.function(target).call(String.class));
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            })
        .start();
    return result;
  }

  private static void assertClosed(CompletableFuture<?> call) {
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> call.orTimeout(10, TimeUnit.SECONDS).join())
        .withCauseInstanceOf(PoolClosedException.class);
  }

  private static void assertNothingIsLeft(WatchedPool pool, List<Long> session) {
    assertThat(session).isNotEmpty().noneMatch(Processes::alive);
    assertThat(pool.pool().context().runDirectory()).doesNotExist();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("serpentry-test"));
  }

  @ParameterizedTest
  @EnumSource(StartMethod.class)
  void failsWaitingAndRunningCallsAndLeavesNothing(StartMethod method) throws IOException {
    WatchedPool pool =
        WatchedPool.start(2, c -> c.startMethod(method).shutdownTimeout(Duration.ofMillis(50)));
    CompletableFuture<Object> running = inThread(pool, "pooled:hold_stubborn");
    pool.watcher().awaitProgress(0, "holding");
    int mark = pool.watcher().mark();
    CompletableFuture<Void> runningAsync = pool.function("pooled:hold_stubborn").callAsync();
    pool.watcher().awaitProgress(mark, "holding");
    CompletableFuture<Void> waitingAsync = pool.function("faulty:add").args(1, 2).callAsync();
    CompletableFuture<Object> waiting = inThread(pool, "faulty:echo");
    while (pool.snapshot().waiting() < 2) {
      Thread.onSpinWait();
    }
    List<Long> session = Processes.ofSession(pool.snapshot().launcherPid());
    Path run = pool.pool().context().runDirectory();
    assertThat(run).isDirectory();
    assertThat(Files.getPosixFilePermissions(run)).hasSize(3);
    pool.close();
    List.of(running, runningAsync, waiting, waitingAsync).forEach(CloseTest::assertClosed);
    assertNothingIsLeft(pool, session);
    pool.close();
    assertThatExceptionOfType(PoolClosedException.class)
        .isThrownBy(() -> pool.function("faulty:add").args(1, 2).call());
    assertThatExceptionOfType(PoolClosedException.class)
        .isThrownBy(() -> pool.pool().control().resize(3));
  }

  @Test
  void letsRunningCallsFinishWithinTheShutdownTimeout() {
    WatchedPool pool = WatchedPool.start(1, c -> c.shutdownTimeout(Duration.ofSeconds(20)));
    CompletableFuture<String> running =
        pool.function("pooled:hold").args(0.5).callAsync(String.class);
    pool.watcher().awaitProgress(0, "holding");
    List<Long> session = Processes.ofSession(pool.snapshot().launcherPid());
    pool.close();
    assertThat(running.join()).isEqualTo("held");
    assertNothingIsLeft(pool, session);
  }

  @Test
  void closesWhileItStillStartsAndKeepsTheInterruptOfItsCloser() {
    WatchedPool pool = WatchedPool.start(2, c -> c.start(StartMode.BACKGROUND));
    Thread.currentThread().interrupt();
    try {
      pool.close();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(pool.pool().context().runDirectory()).doesNotExist();
    assertThat(pool.snapshot().workers()).noneMatch(w -> w.pid() != 0 && Processes.alive(w.pid()));
  }

  @Test
  void endsGrandchildrenThatWorkersLeftBehind() {
    WatchedPool pool = WatchedPool.start(1, c -> c);
    long grandchild = pool.function("faulty:grandchild").call(Long.class);
    long daemon = pool.function("faulty:daemon").call(Long.class);
    assertThat(List.of(grandchild, daemon)).allMatch(Processes::alive);
    pool.close();
    assertThat(List.of(grandchild, daemon)).noneMatch(Processes::alive);
  }

  /** A JVM with a pool and a call that does not listen; prints the pids to watch. */
  public static final class Doomed {
    private Doomed() {}

    /** Runs until it is killed. */
    public static void main(String[] arguments) {
      WatchedPool pool =
          WatchedPool.start(2, c -> c.startMethod(StartMethod.valueOf(arguments[0])));
      CompletableFuture<Void> call = pool.function("pooled:hold_stubborn").callAsync();
      pool.watcher().awaitProgress(0, "holding");
      if (call.isDone()) {
        throw new IllegalStateException("the call ended");
      }
      System.out.println(Processes.ofSession(pool.snapshot().launcherPid()));
    }
  }

  @ParameterizedTest
  @EnumSource(StartMethod.class)
  void leavesNoPythonTwoSecondsAfterTheJvmWasKilled(StartMethod method) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Doomed.class.getName(), method.name()));
    Process jvm =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      assertThat(line).startsWith("[");
      List<Long> session =
          List.of(line.substring(1, line.length() - 1).split(", ", -1)).stream()
              .map(Long::valueOf)
              .toList();
      assertThat(session).hasSizeGreaterThanOrEqualTo(3).allMatch(Processes::alive);
      jvm.destroyForcibly();
      Processes.awaitEnd(session, 2_000);
    } finally {
      jvm.destroyForcibly();
    }
  }

  @Test
  void leavesNoConnectionBehindHoweverOftenAPoolIsOpened() {
    openAndCloseWithCallsRunning(); // Whatever the JVM opens once, it has opened then.
    List<String> before = Processes.openChannels();
    for (int i = 0; i < 20; i++) {
      openAndCloseWithCallsRunning();
    }
    assertThat(Processes.openChannels()).containsExactlyInAnyOrderElementsOf(before);
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("serpentry-test"));
  }

  private static void openAndCloseWithCallsRunning() {
    Duration brief = Duration.ofMillis(20);
    WatchedPool pool = WatchedPool.start(3, c -> c.shutdownTimeout(brief).termGrace(brief));
    CompletableFuture<Object> running = inThread(pool, "pooled:hold_stubborn");
    pool.watcher().awaitProgress(0, "holding");
    int mark = pool.watcher().mark();
    CompletableFuture<Void> runningAsync = pool.function("pooled:hold_stubborn").callAsync();
    pool.watcher().awaitProgress(mark, "holding");
    pool.close();
    assertClosed(running);
    assertClosed(runningAsync);
  }
}
