// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.config.StartMode;
import org.serpentry.pool.TestPools;
import org.serpentry.pool.WorkerPool;

/** The end of the single worker whose executor ends before it has carried out what it was given. */
@Tag("core-pool")
@Tag("layer-2")
class SingleTest {

  private final Queue<Runnable> given = new ArrayDeque<>();
  private final WorkerPool worker =
      TestPools.start(TestPools.config().start(StartMode.LAZY).build());
  private final Single single =
      new Single(() -> worker, given::add, Duration.ofSeconds(1), System::nanoTime);

  @AfterEach
  void close() {
    worker.close();
  }

  @Test
  void oneThatWasToBeEndedEndsWithTheFallbacks() {
    single.use().done();
    given.remove().run();
    single.retire();
    given.clear(); // As an executor does that is shut down at once.

    single.close();

    assertThat(worker.control().closed()).isTrue();
  }

  @Test
  void oneThatItsLastUserWasToEndEndsWithTheFallbacks() {
    Single.Use use = single.use();
    given.remove().run();
    single.retire();
    use.done();
    given.clear();

    single.close();

    assertThat(worker.control().closed()).isTrue();
  }

  @Test
  void oneThatWasToBeStartedIsNotWaitedForByAnybody() {
    Single.Use use = single.use();
    given.clear();

    single.close();

    assertThat(use.worker()).isCompletedExceptionally();
  }

  @Test
  void oneThatServesOnlyAfterTheEndIsEndedAtOnce() {
    single.use();
    single.close();

    given.remove().run();

    assertThat(worker.control().closed()).isTrue();
  }
}
