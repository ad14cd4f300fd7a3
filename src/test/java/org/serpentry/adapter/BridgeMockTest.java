// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.PythonSession;
import org.serpentry.api.ResultTooLargeException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.mock.MockCrashException;
import org.serpentry.pool.WorkerPool;

/** The bridge mock: a real pool and the real protocol before scripted workers. */
@Tag("layer-2")
class BridgeMockTest extends AdapterContractTest {

  BridgeMockTest() {
    super("bridge-mock");
  }

  private WorkerPool workers() {
    return (WorkerPool) pool();
  }

  @Test
  void thePoolIsARealOneWithAsManyWorkersAsItKeeps() {
    assertThat(workers().control().snapshot().workers()).hasSize(2);
    assertThat(workers().control().resilience().check().join().reasons()).isEmpty();
  }

  @Test
  void asManyCallsRunAtOnceAsThereAreWorkers() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    script()
        .when("m:meet")
        .answers(
            c -> {
              both.countDown();
              try {
                return both.await(30, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });

    List<CompletableFuture<Boolean>> calls =
        IntStream.range(0, 2)
            .mapToObj(i -> pool().function("m:meet").callAsync(Boolean.class))
            .toList();
    for (CompletableFuture<Boolean> call : calls) {
      assertThat(call.get(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aSessionsStateOutlivesItsWorker() {
    script().when("chat:set").answers(c -> c.state().put("fact", c.argument(0)));
    script().when("chat:get").answers(c -> c.state().get("fact"));
    script().when("chat:die").crashes(1);
    PythonSession session = pool().session("user");

    session.function("chat:set").args("tea").call();
    try {
      session.function("chat:die").call();
    } catch (org.serpentry.api.WorkerCrashedException e) {
      assertThat(e.exit().exitCode()).isEqualTo(1);
    }
    assertThat(session.function("chat:get").call(String.class)).isEqualTo("tea");
  }

  @Test
  void aReaderWhoDoesNotReadHoldsTheWorkerBack() {
    AtomicInteger made = new AtomicInteger();
    script()
        .when("m:endless")
        .answers(c -> Stream.generate(made::incrementAndGet).limit(1_000_000));
    int window = workers().config().streams().streamWindow();

    try (Stream<Integer> items = pool().function("m:endless").stream(int.class)) {
      Iterator<Integer> read = items.iterator();
      for (int i = 1; i <= 3 * window; i++) {
        assertThat(read.next()).isEqualTo(i);
      }
    }
    // What was read, what its credit allowed beyond, and one that waited for more.
    assertThat(made.get()).isBetween(3 * window, 4 * window + 1);
    script().when("m:f").returns(1);
    assertThat(pool().function("m:f").call(Integer.class)).isEqualTo(1);
  }

  @Test
  void aCrashInMidStreamEndsItAndNoLaterCall() {
    script().when("m:alive").returns(true);
    script()
        .when("m:dies")
        .answers(
            c ->
                Stream.of(1, 2)
                    .peek(
                        n -> {
                          if (n == 2) {
                            throw new MockCrashException(9);
                          }
                        }));
    List<Integer> read = new ArrayList<>();

    assertThatExceptionOfType(WorkerCrashedException.class)
        .isThrownBy(() -> pool().function("m:dies").stream(int.class).forEach(read::add))
        .satisfies(e -> assertThat(e.exit().exitCode()).isEqualTo(9));
    assertThat(read).containsExactly(1);
    assertThat(pool().function("m:alive").call(Boolean.class)).isTrue();
  }

  @Test
  void aResultAboveTheLimitOfFramesIsRefusedWithIt() {
    script().when("m:large").returns("x".repeat((int) workers().config().maxFrameSize()));

    assertThatExceptionOfType(ResultTooLargeException.class)
        .isThrownBy(() -> pool().function("m:large").call(String.class));
  }
}
