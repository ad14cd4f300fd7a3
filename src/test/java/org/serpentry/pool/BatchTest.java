// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BatchResult;
import org.serpentry.api.BindingException;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.testing.TestPool;

/** Many calls, each with an end of its own. */
@Tag("core-pool")
@Tag("layer-2")
class BatchTest {

  @Test
  void eachCallHasItsOwnEndInTheOrderOfTheCalls() {
    try (TestPool pool = start()) {
      List<PythonFunction> calls = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        calls.add(pool.function("faulty:add").args(i, 1));
      }
      calls.set(7, pool.function("faulty:add").args("seven", 1));
      calls.set(20, pool.function("serpentry_faults:die"));

      List<BatchResult<Integer>> results = pool.pool().callAll(Integer.class, calls, 2);

      assertThat(results).hasSize(50);
      for (int i = 0; i < 50; i++) {
        BatchResult<Integer> result = results.get(i);
        assertThat(result.target()).isEqualTo(calls.get(i).target());
        if (i == 7) {
          assertThat(result.failure()).isInstanceOf(BindingException.class);
        } else if (i == 20) {
          assertThat(result.failure()).isInstanceOf(WorkerCrashedException.class);
          assertThat(result.succeeded()).isFalse();
        } else {
          assertThat(result.orThrow()).isEqualTo(i + 1);
        }
      }
    }
  }

  @Test
  void moreCallsThanTheQueueHoldsAreNoTrouble() {
    try (TestPool pool =
        TestPool.builder()
            .size(2)
            .modules(Path.of("python/tests/modules"))
            .settings(c -> c.queueCapacity(2))
            .start()) {
      List<PythonFunction> calls = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        calls.add(pool.function("faulty:add").args(i, 1));
      }
      assertThat(pool.pool().callAll(Integer.class, calls, 3))
          .allMatch(BatchResult::succeeded)
          .hasSize(200);
    }
  }

  @Test
  void aCallThatCannotBeginCancelsThoseThatRun() {
    try (TestPool pool = start()) {
      int mark = pool.watcher().mark();
      Error thrown = new NoClassDefFoundError("of an application that has been undeployed");
      PythonFunction broken =
          (PythonFunction)
              Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {PythonFunction.class},
                  (proxy, method, arguments) -> {
                    pool.watcher().awaitProgress(mark, "holding");
                    throw thrown;
                  });
      List<PythonFunction> calls = List.of(pool.function("pooled:hold"), broken);

      assertThat(catchThrowable(() -> pool.pool().callAll(String.class, calls, 2)))
          .isSameAs(thrown);
      pool.watcher().awaitProgress(mark, "cancelled");
    }
  }

  @Test
  void anInterruptCancelsWhatRunsAndIsKept() {
    try (TestPool pool = start()) {
      int mark = pool.watcher().mark();
      CompletableFuture<List<BatchResult<Void>>> ended = new CompletableFuture<>();
      CompletableFuture<Boolean> kept = new CompletableFuture<>();
      Thread caller =
          new Thread(
              () -> {
                PythonFunction hold = pool.function("pooled:hold");
                ended.complete(pool.pool().callAll(Void.class, List.of(hold, hold), 1));
                kept.complete(Thread.currentThread().isInterrupted());
              });
      caller.start();
      pool.watcher().awaitProgress(mark, "holding");

      caller.interrupt();

      assertThat(ended.join())
          .extracting(BatchResult::failure)
          .hasSize(2)
          .allMatch(CallCancelledException.class::isInstance);
      assertThat(kept.join()).isTrue();
    }
  }

  @Test
  void aBatchRunsAtLeastOneCallAtOnce() {
    try (TestPool pool = start()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pool.pool().callAll(Void.class, List.of(), 0));
      assertThat(pool.pool().callAll(Void.class, List.of(), 1)).isEmpty();
    }
  }

  private static TestPool start() {
    return TestPool.builder().size(2).modules(Path.of("python/tests/modules")).start();
  }
}
