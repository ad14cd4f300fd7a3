// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.Answered;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PoolSuspendedException;
import org.serpentry.api.PythonSession;
import org.serpentry.api.Service;
import org.serpentry.api.WorkerStartException;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.SingleWorker;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.PoolListener;
import org.serpentry.testing.Processes;

/** What moves down and up with a call: streams, sessions, budgets, suspensions. */
@Tag("core-pool")
@Tag("layer-3")
class CascadeMovesTest extends CascadeFixture {

  @Test
  void aStreamComesFromTheSingleWorker() throws IOException {
    breakTheTemplate();
    PoolConfig config = config("single");
    open(config, single(config));

    assertThat(WorkerPool.function(cascade, "streams:count").args(3).stream(Integer.class))
        .containsExactly(0, 1, 2);
  }

  @Test
  void aStreamThatNobodyCanAnswerEndsInThePoolsFailure() throws IOException {
    breakTheTemplate();
    PoolConfig config = config("single");
    open(
        config,
        () -> {
          throw new WorkerStartException(ErrorContext.ofPool("test"), "no memory", List.of(), null);
        });

    assertThatExceptionOfType(WorkerStartException.class)
        .isThrownBy(
            () ->
                WorkerPool.function(cascade, "streams:count").args(3).stream(Integer.class)
                    .toList());
  }

  @Test
  void aStreamComesFromTheMock() throws IOException {
    breakTheTemplate();
    PoolConfig config = config("mock");
    script.when("streams:count").returns(List.of(7, 8));
    open(config, single(config));

    assertThat(WorkerPool.function(cascade, "streams:count").args(3).stream(Integer.class))
        .containsExactly(7, 8);
  }

  @Test
  void aSuspendedPoolRefusesCallsWhoeverWouldAnswerThem() throws IOException {
    breakTheTemplate();
    PoolConfig config = config("single", "mock");
    open(config, single(config));
    add().call();

    core.control().suspend();
    assertThatExceptionOfType(PoolSuspendedException.class).isThrownBy(() -> add().call());
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> add().callAsync().join())
        .withCauseInstanceOf(PoolSuspendedException.class);
    core.control().resume();

    assertThat(add().call(MARKED)).isEqualTo(new Answered<>(5, Service.SINGLE));
  }

  @Test
  void callsThatWaitForTheSingleWorkerAreServedByItWhenThePoolIsBack() throws Exception {
    breakTheTemplate();
    PoolConfig config = config("single");
    open(config, single(config));
    add().call();
    try (ServerSocket gate = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Integer> running =
          WorkerPool.function(cascade, "waiting:until")
              .args(gate.getLocalPort())
              .callAsync(Integer.class);
      try (Socket begun = gate.accept()) {
        List<CompletableFuture<Integer>> queued =
            IntStream.range(0, 3).mapToObj(i -> add().callAsync(Integer.class)).toList();
        int mark = watcher.mark();
        repairTheTemplate();
        awaitService(mark, Service.POOL);
        assertThat(add().call(MARKED)).isEqualTo(new Answered<>(5, Service.POOL));
        assertThat(running).isNotDone();

        begun.getOutputStream().write(1);
        assertThat(running.get(60, TimeUnit.SECONDS)).isEqualTo(1);
        for (CompletableFuture<Integer> call : queued) {
          assertThat(call.get(60, TimeUnit.SECONDS)).isEqualTo(5);
        }
      }
    }
  }

  @Test
  void aBudgetIsOneForAllSteps() throws IOException {
    breakTheTemplate();
    PoolConfig config = config("single");
    CountDownLatch never = new CountDownLatch(1);
    open(
        config,
        () -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          throw new WorkerStartException(ErrorContext.ofPool("test"), "ended", List.of(), null);
        });

    assertThatExceptionOfType(WorkerStartException.class)
        .isThrownBy(() -> add().budget(Duration.ofMillis(200)).call())
        .withMessageContaining("could not be started");
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> add().budget(Duration.ofMillis(200)).callAsync().join())
        .withCauseInstanceOf(WorkerStartException.class);
    assertThatExceptionOfType(WorkerStartException.class)
        .isThrownBy(() -> add().checkoutTimeout(Duration.ofMillis(200)).call());
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> add().checkoutTimeout(Duration.ofMillis(200)).callAsync().join())
        .withCauseInstanceOf(WorkerStartException.class);
  }

  @Test
  void aSessionKeepsItsStateOnItsWayDownAndBackUp() throws IOException {
    breakTheTemplate();
    PoolConfig config = config("single");
    open(
        config,
        () ->
            TestPools.builder(SingleWorker.of(config), modules)
                .sessionStore(core.sessions().store(), core.sessions().prefix())
                .start());
    PythonSession session = core.session(cascade, "s", "s");
    assertThat(counted(session)).isEqualTo(new Answered<>(1, Service.SINGLE));
    assertThat(counted(session)).isEqualTo(new Answered<>(2, Service.SINGLE));

    int mark = watcher.mark();
    repairTheTemplate();
    awaitService(mark, Service.POOL);
    assertThat(counted(session)).isEqualTo(new Answered<>(3, Service.POOL));

    breakTheTemplate();
    mark = watcher.mark();
    Processes.signal("KILL", core.control().snapshot().launcherPid());
    watcher.awaitAfter(
        mark, PoolListener.PoolEvent.class, e -> e.text().contains("no such device"));
    mark = watcher.mark();
    assertThat(counted(session)).isEqualTo(new Answered<>(4, Service.SINGLE));
    repairTheTemplate();
    awaitService(mark, Service.POOL);
    assertThat(counted(session)).isEqualTo(new Answered<>(5, Service.POOL));
    assertThat(session.info().orElseThrow().operations()).isGreaterThanOrEqualTo(5);
  }

  private static Answered<Integer> counted(PythonSession session) {
    return session.function("waiting:count").call(MARKED);
  }
}
