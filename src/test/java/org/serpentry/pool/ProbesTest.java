// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.Health;
import org.serpentry.spi.PoolListener;

@Tag("core-pool")
class ProbesTest {

  @Test
  void aWorkerThatIsStoppedWhileIdleIsFoundAndReplaced() throws Exception {
    CountDownLatch killed = new CountDownLatch(1);
    PoolListener listener =
        new PoolListener() {
          @Override
          public void onWorkerExit(WorkerRef worker, String how, boolean expected) {
            killed.countDown();
          }
        };
    try (WorkerPool pool =
        TestPools.builder(
                TestPools.config()
                    .healthCheckInterval(Duration.ofMillis(100))
                    .operationTimeout(Duration.ofMillis(300))
                    .cancelGrace(Duration.ofMillis(50))
                    .termGrace(Duration.ofMillis(50))
                    .build())
            .listener(listener)
            .start()) {
      int pid = pool.function("faulty:pid").call(Integer.class);

      assertThat(new ProcessBuilder("kill", "-STOP", Integer.toString(pid)).start().waitFor())
          .isZero();

      assertThat(killed.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(pool.function("faulty:pid").timeout(Duration.ofSeconds(20)).call(Integer.class))
          .isNotEqualTo(pid);
    }
  }

  @Test
  void anIdleWorkerBecomesHealthyWithoutBeingCountedAsHavingServed() throws Exception {
    try (WorkerPool pool =
        TestPools.start(TestPools.config().healthCheckInterval(Duration.ofMillis(50)).build())) {
      Slot slot = pool.crew().slot(0);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (slot.current().health() != Health.HEALTHY && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(slot.current().health()).isEqualTo(Health.HEALTHY);
      assertThat(slot.current().served()).isZero();
      assertThat(pool.control().snapshot().calls().succeeded()).isZero();
    }
  }
}
