// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What consoles ask of those who may not answer. */
@Tag("core-pool")
@Tag("layer-1")
class PromptTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void anAnswerIsGivenWhoeverGetsIt() {
    Prompt<Thread> prompt = new Prompt<>("store", LONG);

    assertThat(prompt.ask(false, Thread::currentThread)).isSameAs(Thread.currentThread());
    assertThat(prompt.ask(true, Thread::currentThread)).isNotSameAs(Thread.currentThread());
    assertThat(prompt.ask(true, Thread::currentThread).getName()).isEqualTo("serpentry-store");
  }

  @Test
  void aFailureIsOneThatAnyConsoleCanRead() {
    Prompt<Object> prompt = new Prompt<>("store", LONG);
    Supplier<Object> failing =
        () -> {
          throw new UnsupportedOperationException("the disk is full");
        };

    for (boolean blocks : new boolean[] {true, false}) {
      assertThatThrownBy(() -> prompt.ask(blocks, failing))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("the disk is full")
          .hasNoCause();
    }
  }

  @Test
  void whoDoesNotAnswerIsAskedOnceAndNobodyWaitsForLong() throws Exception {
    Prompt<Integer> prompt = new Prompt<>("store", Duration.ofMillis(1));
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    Thread[] asking = new Thread[1];
    Supplier<Integer> silent =
        () -> {
          asking[0] = Thread.currentThread();
          asked.incrementAndGet();
          try {
            answer.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return 1;
        };
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> prompt.ask(true, silent))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("The store has not answered within 1 ms; what was asked goes on");
    }

    answer.countDown();
    while (asked.get() == 0) {
      Thread.onSpinWait();
    }
    asking[0].join();
    assertThat(asked).hasValue(1);
    assertThat(prompt.ask(false, () -> 2)).isEqualTo(2);
  }
}
