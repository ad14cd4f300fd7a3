// SPDX-License-Identifier: Apache-2.0
package org.serpentry.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BreakerState;
import org.serpentry.original.Original;
import org.serpentry.recovery.CallCircuit.Verdict;

@Original("circuit_breaker")
@Tag("layer-1")
@Tag("core-pool")
class CallCircuitTest {
  private static final CallCircuit.Limits LIMITS =
      new CallCircuit.Limits(5, 3, Duration.ofSeconds(60), 3);

  private final AtomicLong now = new AtomicLong();
  private final List<String> changes = new ArrayList<>();
  private final CallCircuit circuit =
      new CallCircuit(LIMITS, now::get, (from, to, cause) -> changes.add(from + ">" + to));

  @Test
  void whoeverLooksTakesNoLockThatCallsNeed() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch looked = new CountDownLatch(1);
    CallCircuit busy =
        new CallCircuit(
            new CallCircuit.Limits(1, 1, Duration.ofSeconds(60), 1),
            now::get,
            (from, to, cause) -> {
              held.countDown();
              awaitQuietly(looked); // Changes are told with the lock held.
            });
    CompletableFuture<Void> failing =
        CompletableFuture.runAsync(
            () -> busy.ended(CallCircuit.REFUSED, Verdict.BAD, "no"), CallCircuitTest::inThread);
    try {
      held.await();
      CompletableFuture<CircuitView> looking =
          CompletableFuture.supplyAsync(
              () -> busy.quiet() ? null : busy.view("x"), CallCircuitTest::inThread);
      assertThat(looking.get(30, TimeUnit.SECONDS).state()).isEqualTo(BreakerState.OPEN);
      assertThat(failing).isNotDone();
    } finally {
      looked.countDown();
    }
    failing.get(30, TimeUnit.SECONDS);
  }

  private static void inThread(Runnable task) {
    new Thread(task).start();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void fiveFailuresInARowOpenIt() {
    run(Verdict.BAD, 4);
    assertThat(state()).isEqualTo(BreakerState.CLOSED);
    run(Verdict.BAD, 1);

    assertThat(state()).isEqualTo(BreakerState.OPEN);
    assertThat(circuit.admit()).isEqualTo(CallCircuit.REFUSED);
    assertThat(circuit.view("x").remainingMillis()).isEqualTo(60_000);
    assertThat(circuit.view("x").cause()).isEqualTo("BAD 1");
    assertThat(circuit.view("x").refusals()).isEqualTo(1);
  }

  @Test
  void threeFailuresLeaveItClosed() {
    run(Verdict.BAD, 3);
    assertThat(state()).isEqualTo(BreakerState.CLOSED);
    assertThat(circuit.quiet()).isFalse();
  }

  @Test
  void aSuccessForgetsTheFailuresBeforeIt() {
    run(Verdict.BAD, 4);
    run(Verdict.GOOD, 1);
    assertThat(circuit.quiet()).isTrue();
    run(Verdict.BAD, 4);
    assertThat(state()).isEqualTo(BreakerState.CLOSED);
  }

  @Test
  void whatSaysNothingNeitherOpensNorHeals() {
    run(Verdict.BAD, 4);
    run(Verdict.NONE, 20);
    assertThat(circuit.view("x").failures()).isEqualTo(4);
  }

  @Test
  void itHalfOpensByItselfAfterItsTimeAndLetsThreeRun() {
    run(Verdict.BAD, 5);
    pass(59_999);
    assertThat(circuit.admit()).isEqualTo(CallCircuit.REFUSED);
    pass(1);
    circuit.look();
    assertThat(state()).isEqualTo(BreakerState.HALF_OPEN);

    assertThat(circuit.admit()).isPositive();
    assertThat(circuit.admit()).isPositive();
    assertThat(circuit.admit()).isPositive();
    assertThat(circuit.admit()).isEqualTo(CallCircuit.REFUSED);
  }

  @Test
  void threeSuccessesCloseIt() {
    halfOpen();
    run(Verdict.GOOD, 2);
    assertThat(state()).isEqualTo(BreakerState.HALF_OPEN);
    run(Verdict.GOOD, 1);

    assertThat(state()).isEqualTo(BreakerState.CLOSED);
    assertThat(changes).containsExactly("CLOSED>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>CLOSED");
  }

  @Test
  void oneFailureOfATrialOpensItForItsWholeTimeAgain() {
    halfOpen();
    run(Verdict.GOOD, 2);
    pass(5_000);
    run(Verdict.BAD, 1);

    assertThat(state()).isEqualTo(BreakerState.OPEN);
    assertThat(circuit.view("x").remainingMillis()).isEqualTo(60_000);
  }

  @Test
  void aTrialThatSaysNothingFreesItsPlace() {
    halfOpen();
    run(Verdict.NONE, 10);
    assertThat(circuit.admit()).isPositive();
  }

  @Test
  void whatBeganBeforeTheCircuitMovedDoesNotCount() {
    long old = circuit.admit();
    halfOpen();
    circuit.ended(old, Verdict.BAD, "late");
    assertThat(state()).isEqualTo(BreakerState.HALF_OPEN);
  }

  @Test
  void resetClosesItAtOnce() {
    run(Verdict.BAD, 5);
    circuit.reset();
    assertThat(state()).isEqualTo(BreakerState.CLOSED);
    assertThat(circuit.quiet()).isTrue();
    assertThat(circuit.admit()).isNotEqualTo(CallCircuit.REFUSED);
  }

  @Test
  void concurrentFailuresOpenItOnce() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      new Thread(
              () -> {
                circuit.ended(circuit.admit(), Verdict.BAD, "boom");
                done.countDown();
              })
          .start();
    }
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(changes).containsExactly("CLOSED>OPEN");
  }

  private BreakerState state() {
    return circuit.view("x").state();
  }

  private void halfOpen() {
    run(Verdict.BAD, 5);
    pass(60_000);
    circuit.look();
  }

  private void pass(long millis) {
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private void run(Verdict verdict, int times) {
    for (int i = 1; i <= times; i++) {
      circuit.ended(circuit.admit(), verdict, verdict + " " + i);
    }
  }
}
