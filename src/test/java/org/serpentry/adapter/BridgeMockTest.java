// SPDX-License-Identifier: Apache-2.0
package org.serpentry.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.PythonSession;
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
}
