// SPDX-License-Identifier: Apache-2.0
package org.serpentry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

@Tag("layer-1")
class LeftoverThreadsTest {

  private static CountDownLatch end;

  private static void startThread(String name) {
    CountDownLatch mine = end;
    Thread thread =
        new Thread(
            () -> {
              try {
                mine.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait(); // Its stack is to be seen.
    }
  }

  static class Leaking {
    @Test
    void leaves() {
      startThread("serpentry-left-over");
    }
  }

  static class Tidy {
    @Nested
    class Inner {
      @Test
      void leavesItToTheClassAround() {
        startThread("serpentry-ended-in-time");
      }
    }

    @AfterAll
    static void tidyUp() {
      end.countDown();
    }
  }

  static class Foreign {
    @Test
    void leaves() {
      startThread("somebody-elses");
    }
  }

  private static Events run(Class<?> tests, int patience) {
    end = new CountDownLatch(1);
    try {
      return EngineTestKit.engine("junit-jupiter")
          .selectors(selectClass(tests))
          .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
          .configurationParameter(LeftoverThreads.PATIENCE, Integer.toString(patience))
          .execute()
          .containerEvents();
    } finally {
      end.countDown();
    }
  }

  @Test
  void theClassThatLeavesAThreadFailsWithItsNameAndItsStack() {
    assertThat(run(Leaking.class, 1).failed().list())
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.getRequiredPayload(TestExecutionResult.class).getThrowable())
                    .hasValueSatisfying(
                        failure ->
                            assertThat(failure)
                                .hasMessageContaining("Leaking")
                                .hasMessageContaining("serpentry-left-over")
                                .hasMessageContaining("CountDownLatch.await")));
  }

  @Test
  void threadsThatEndWithTheOuterClassAreNone() {
    run(Tidy.class, 30_000).assertStatistics(events -> events.failed(0).started(3));
  }

  @Test
  void threadsOfOthersDoNotCount() {
    run(Foreign.class, 1).assertStatistics(events -> events.failed(0).started(2));
  }
}
