// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.testing.Processes;

/** A side that reads slowly, so that the other's frames leave it in parts, or not at all. */
@Tag("core-pool")
@Tag("layer-2")
class SlowPeerTest {

  /** Far more than a socket takes. */
  private static final String LARGE = "x".repeat(6_000_000);

  private static ExecutorService callers;

  @BeforeAll
  static void start() {
    callers = Executors.newCachedThreadPool();
  }

  @AfterAll
  static void stop() {
    callers.shutdownNow();
  }

  private static WatchedPool pool(int places) {
    return WatchedPool.start(
        1,
        c ->
            c.healthCheckInterval(Duration.ofMinutes(5))
                .cancelGrace(Duration.ofSeconds(20))
                .life(l -> l.callsPerWorker(places)));
  }

  private static CompletableFuture<String> echo(WatchedPool pool, String text, boolean async) {
    var call = pool.function("several:echo").args(text);
    return async
        ? call.callAsync(String.class)
        : CompletableFuture.supplyAsync(() -> call.call(String.class), callers);
  }

  private static void stands(CompletableFuture<?> call) {
    assertThatExceptionOfType(TimeoutException.class)
        .as("a call of which the worker has read only a part")
        .isThrownBy(() -> call.get(150, TimeUnit.MILLISECONDS));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void aRequestThatTheWorkerReadsInPartsArrivesWhole(int places) throws Exception {
    try (WatchedPool pool = pool(places)) {
      int worker = pool.pid(0);
      for (boolean async : new boolean[] {false, true}) {
        Processes.signal("STOP", worker);
        CompletableFuture<String> call = echo(pool, LARGE, async);
        stands(call);
        for (int pause = 0; pause < 10; pause++) {
          Processes.signal("CONT", worker);
          Processes.signal("STOP", worker);
        }
        Processes.signal("CONT", worker);
        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo(LARGE);
      }
      assertThat(pool.assertWhole()).containsExactly(worker);
    }
  }

  @Test
  void aCallWhoseRequestIsOnlyHalfWrittenEndsAtItsDeadlineAndItsNeighboursAreServed()
      throws Exception {
    try (WatchedPool pool = pool(8)) {
      int worker = pool.pid(0);
      Processes.signal("STOP", worker);
      CompletableFuture<Throwable> late =
          CompletableFuture.supplyAsync(
              () -> {
                Duration timeout = Duration.ofMillis(200);
                try {
                  return new AssertionError(
                      "answered: "
                          + pool.function("several:echo")
                              .args(LARGE)
                              .timeout(timeout)
                              .call(String.class));
                } catch (CallTimeoutException e) {
                  return e;
                }
              },
              callers);
      List<CompletableFuture<String>> neighbours = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        neighbours.add(echo(pool, "neighbour " + i, i % 2 == 0));
      }
      CompletableFuture<String> cancelled = echo(pool, "cancelled", true);
      assertThat(late.get(30, TimeUnit.SECONDS)).isInstanceOf(CallTimeoutException.class);
      cancelled.cancel(true);
      Processes.signal("CONT", worker);
      for (int i = 0; i < neighbours.size(); i++) {
        assertThat(neighbours.get(i).get(30, TimeUnit.SECONDS)).isEqualTo("neighbour " + i);
      }
      assertThat(pool.assertWhole()).containsExactly(worker);
      assertThat(pool.snapshot().ladder()).containsEntry("abandon", 0L);
    }
  }

  @Test
  void aCallWhoseRequestIsOnlyHalfWrittenEndsAtItsDeadlineAndTheWorkerIsReplaced()
      throws Exception {
    try (WatchedPool pool =
        WatchedPool.start(
            1,
            c ->
                c.cancelGrace(Duration.ofMillis(50))
                    .dumpGrace(Duration.ofMillis(50))
                    .termGrace(Duration.ofMillis(50)))) {
      int worker = pool.pid(0);
      Processes.signal("STOP", worker);
      assertThatExceptionOfType(CallTimeoutException.class)
          .isThrownBy(
              () ->
                  pool.function("several:echo").args(LARGE).timeout(Duration.ofMillis(200)).call());
      assertThat(pool.assertWhole()).doesNotContain(worker);
      assertThat(pool.function("several:echo").args(LARGE).call(String.class)).isEqualTo(LARGE);
    }
  }

  @Test
  void largeRepliesWaitForAReaderThatIsHeldUpWhileRequestsGoOn() throws Exception {
    try (WatchedPool pool = pool(16)) {
      int worker = pool.pid(0);
      CountDownLatch goOn = new CountDownLatch(1);
      CountDownLatch heldUp = new CountDownLatch(1);
      pool.pool()
          .context()
          .reactor()
          .execute(
              () -> {
                heldUp.countDown();
                try {
                  assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      assertThat(heldUp.await(30, TimeUnit.SECONDS)).isTrue();
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        calls.add(echo(pool, LARGE.substring(i * 400_000), i % 2 == 0));
      }
      stands(CompletableFuture.anyOf(calls.toArray(CompletableFuture[]::new)));
      goOn.countDown();
      for (int i = 0; i < calls.size(); i++) {
        assertThat(calls.get(i).get(60, TimeUnit.SECONDS)).isEqualTo(LARGE.substring(i * 400_000));
      }
      assertThat(pool.assertWhole()).containsExactly(worker);
    }
  }
}
