// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PoolClosedException;
import org.serpentry.api.PoolSuspendedException;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.WorkerState;
import org.serpentry.original.Original;
import org.serpentry.worker.BegunWords;
import org.serpentry.worker.Worker;

@Original("session_pool_v2")
@Tag("core-pool")
@Tag("layer-1")
class CheckoutTest {

  @TempDir Path directory;
  private final AtomicInteger demands = new AtomicInteger();
  private final Checkout checkout = new Checkout(System::nanoTime, 3, demands::incrementAndGet);
  private BegunWords words;

  @BeforeEach
  void words() throws IOException {
    words = BegunWords.create(directory, 16, 1);
  }

  private Worker ready(long id) {
    Worker worker = new Worker(id, (int) id, 1, words, Clock.systemUTC());
    worker.machine().transition(WorkerState.READY, "test", Map.of());
    return worker;
  }

  private Worker admitted(long id) {
    Worker worker = ready(id);
    checkout.admit(worker);
    return worker;
  }

  private static Waiter waiter(Runnable onSettled) {
    return new Waiter.Queued(System.nanoTime(), onSettled);
  }

  private static Waiter waiter() {
    return waiter(() -> {});
  }

  /** Calls hold the lock only for moments, but whoever looks is not to make one of them wait. */
  @Test
  void whoeverLooksTakesNoLockThatCallsNeed() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch looked = new CountDownLatch(1);
    checkout.whenNotReady(
        worker -> {
          held.countDown();
          awaitQuietly(looked); // The lock is held now.
        });
    Worker stale = admitted(1);
    stale.machine().transition(WorkerState.TERMINATING, "test", Map.of());
    CompletableFuture<Worker> caller =
        CompletableFuture.supplyAsync(checkout::poll, CheckoutTest::inThread);
    try {
      held.await();
      CompletableFuture<Map.Entry<Long, Long>> looking =
          CompletableFuture.supplyAsync(
              () -> {
                assertThat(checkout.barred(Checkout.Barrier.SUSPENDED)).isFalse();
                assertThat(checkout.waiting()).isZero();
                return checkout.waits();
              },
              CheckoutTest::inThread);
      assertThat(looking.get(30, TimeUnit.SECONDS).getKey()).isZero();
      assertThat(caller).isNotDone();
    } finally {
      looked.countDown();
    }
    assertThat(caller.get(30, TimeUnit.SECONDS)).isNull();
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
  void leasesTheWarmestWorkerFirst() {
    Worker first = admitted(1);
    Worker second = admitted(2);
    assertThat(checkout.poll()).isSameAs(second);
    assertThat(second.machine().state()).isEqualTo(WorkerState.BUSY);
    assertThat(checkout.poll()).isSameAs(first);
    assertThat(checkout.poll()).isNull();
  }

  @Test
  void countsTheCallsThatHaveWaitedLongEnoughAndTellsWhenTheNextWillHave() {
    AtomicLong now = new AtomicLong(1_000);
    Checkout timed = new Checkout(now::get, 10, () -> {});
    assertThat(timed.waitedFor(50, 9)).isEqualTo(Map.entry(0, Checkout.NEVER));
    for (int call = 0; call < 4; call++) {
      assertThat(timed.enqueue(new Waiter.Queued(now.getAndAdd(20), () -> {}))).isTrue();
    }
    // They wait for 80, 60, 40 and 20 now.
    assertThat(timed.waitedFor(50, 9)).isEqualTo(Map.entry(2, 10L));
    assertThat(timed.waitedFor(50, 1)).isEqualTo(Map.entry(1, Checkout.NEVER));
    assertThat(timed.waitedFor(0, 9)).isEqualTo(Map.entry(4, Checkout.NEVER));
  }

  @Test
  void servesWaitersInTheirOrderAndAsksForWorkers() {
    List<Waiter> queue = List.of(waiter(), waiter(), waiter());
    queue.forEach(w -> assertThat(checkout.enqueue(w)).isTrue());
    assertThat(demands).hasValue(3);
    assertThat(checkout.waiting()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      Worker worker = admitted(i);
      assertThat(queue.get(i).outcome()).isSameAs(worker);
      assertThat(worker.machine().state()).isEqualTo(WorkerState.BUSY);
    }
    assertThat(checkout.waiting()).isZero();
  }

  @Test
  void handsAWorkerGivenBackToTheFirstWaiterWithoutLettingItGoIdle() {
    Worker worker = admitted(1);
    assertThat(checkout.poll()).isSameAs(worker);
    Waiter waiting = waiter();
    checkout.enqueue(waiting);
    assertThat(checkout.giveBack(worker)).isTrue();
    assertThat(waiting.outcome()).isSameAs(worker);
    assertThat(checkout.poll()).as("nobody overtakes").isNull();
  }

  @Test
  void tellsOfAnIdleWorkerThatIsNotReadyAndPassesOverIt() {
    List<Worker> told = new ArrayList<>();
    checkout.whenNotReady(told::add);
    Worker well = admitted(1);
    Worker degraded = admitted(2);
    degraded.machine().transition(WorkerState.DEGRADED, "test", Map.of());
    assertThat(checkout.poll()).isSameAs(well);
    assertThat(told).containsExactly(degraded);
    assertThat(checkout.poll()).isNull();
  }

  @Test
  void boundsItsQueue() {
    for (int i = 0; i < 3; i++) {
      assertThat(checkout.enqueue(waiter())).isTrue();
    }
    assertThat(checkout.enqueue(waiter())).isFalse();
    assertThat(checkout.waiting()).isEqualTo(3);
  }

  @Test
  void passesOverAWaiterThatGaveUp() {
    Waiter gone = waiter();
    Waiter patient = waiter();
    checkout.enqueue(gone);
    checkout.enqueue(patient);
    assertThat(checkout.giveUp(gone)).isTrue();
    assertThat(checkout.giveUp(gone)).as("once only").isFalse();
    assertThat(checkout.waiting()).isEqualTo(1);
    assertThat(patient.outcome()).isNull();
    Worker worker = admitted(1);
    assertThat(patient.outcome()).isSameAs(worker);
    assertThat(checkout.giveUp(patient)).as("settled already").isFalse();
  }

  @Test
  void keepsRetiringAndDeadWorkersOut() {
    Worker retiring = admitted(1);
    checkout.poll();
    retiring.retire();
    assertThat(checkout.giveBack(retiring)).isFalse();
    Worker dead = admitted(2);
    checkout.poll();
    dead.machine().transition(WorkerState.TERMINATING, "died", Map.of());
    assertThat(checkout.giveBack(dead)).isFalse();
    Worker dying = admitted(3);
    dying.machine().transition(WorkerState.TERMINATING, "died", Map.of());
    assertThat(checkout.poll()).isNull();
  }

  @Test
  void withdrawsIdleWorkersOnly() {
    Worker worker = admitted(1);
    assertThat(checkout.withdraw(worker)).isTrue();
    assertThat(checkout.withdraw(worker)).isFalse();
    assertThat(checkout.poll()).isNull();
    Worker leased = admitted(2);
    checkout.poll();
    assertThat(checkout.withdraw(leased)).isFalse();
  }

  private static PythonPoolException closed() {
    return new PoolClosedException(ErrorContext.ofPool("test"), "closed", null);
  }

  private static PythonPoolException suspended() {
    return new PoolSuspendedException(ErrorContext.ofPool("test"));
  }

  @Test
  void endsWaitersAndKeepsCallsOutBehindABarrier() {
    admitted(1);
    checkout.poll();
    Waiter waiting = waiter();
    checkout.enqueue(waiting);
    checkout.bar(Checkout.Barrier.SUSPENDED, CheckoutTest::suspended);
    assertThat(waiting.outcome()).isInstanceOf(PoolSuspendedException.class);
    assertThat(checkout.waiting()).isZero();
    assertThatExceptionOfType(PoolSuspendedException.class).isThrownBy(checkout::poll);
    assertThatExceptionOfType(PoolSuspendedException.class)
        .isThrownBy(() -> checkout.enqueue(waiter()));
    checkout.bar(Checkout.Barrier.CLOSED, CheckoutTest::closed);
    assertThatExceptionOfType(PoolClosedException.class)
        .as("the strongest answers")
        .isThrownBy(checkout::poll);
    assertThat(checkout.lift(Checkout.Barrier.SUSPENDED)).isTrue();
    assertThat(checkout.lift(Checkout.Barrier.SUSPENDED)).isFalse();
    assertThatExceptionOfType(PoolClosedException.class).isThrownBy(checkout::poll);
    assertThat(checkout.lift(Checkout.Barrier.CLOSED)).isTrue();
    assertThat(checkout.poll()).isNull();
  }

  @Test
  void stopsWaitingAtTheDeadlineAndAtAnInterrupt() {
    Waiter late = new Waiter.Parked(System.nanoTime());
    checkout.enqueue(late);
    long begin = System.nanoTime();
    assertThat(checkout.await(late, begin + TimeUnit.MILLISECONDS.toNanos(20))).isNull();
    assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(20_000_000);
    Waiter interrupted = new Waiter.Parked(System.nanoTime());
    checkout.enqueue(interrupted);
    Thread.currentThread().interrupt();
    try {
      assertThat(checkout.await(interrupted, Long.MAX_VALUE)).isNull();
    } finally {
      assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
    }
    assertThat(checkout.waiting()).isZero();
  }

  @Test
  void tellsHowLongCallsWait() {
    Waiter waiting = new Waiter.Parked(System.nanoTime() - TimeUnit.SECONDS.toNanos(5));
    checkout.enqueue(waiting);
    assertThat(checkout.waits().getKey()).isGreaterThan(TimeUnit.SECONDS.toNanos(4));
    admitted(1);
    assertThat(checkout.waits().getKey()).isZero();
    assertThat(checkout.waits().getValue()).isGreaterThan(TimeUnit.SECONDS.toNanos(4));
  }

  @Test
  void neverLeasesAWorkerTwiceNorLosesOneWhenManyCompete() throws Exception {
    Checkout contended = new Checkout(System::nanoTime, 100, () -> {});
    for (int i = 0; i < 3; i++) {
      contended.admit(ready(i));
    }
    ConcurrentLinkedQueue<Worker> held = new ConcurrentLinkedQueue<>();
    AtomicInteger doubles = new AtomicInteger();
    AtomicInteger served = new AtomicInteger();
    int threads = 8;
    CountDownLatch ended = new CountDownLatch(threads);
    List<CompletableFuture<Void>> runs = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      CompletableFuture<Void> run = new CompletableFuture<>();
      runs.add(run);
      int seed = t;
      new Thread(
              () -> {
                try {
                  for (int i = 0; i < 3_000; i++) {
                    // Some give up early, so that giving up races with being served.
                    long patience = (i + seed) % 7 == 0 ? 20_000 : 10_000_000_000L;
                    Worker worker = contended.poll();
                    if (worker == null) {
                      Waiter waiter = new Waiter.Parked(System.nanoTime());
                      assertThat(contended.enqueue(waiter)).isTrue();
                      worker = (Worker) contended.await(waiter, System.nanoTime() + patience);
                    }
                    if (worker != null) {
                      if (held.contains(worker)) {
                        doubles.incrementAndGet();
                      }
                      held.add(worker);
                      held.remove(worker);
                      served.incrementAndGet();
                      assertThat(contended.giveBack(worker)).isTrue();
                    }
                  }
                  run.complete(null);
                } catch (RuntimeException | Error e) {
                  run.completeExceptionally(e);
                } finally {
                  ended.countDown();
                }
              })
          .start();
    }
    assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    runs.forEach(CompletableFuture::join);
    assertThat(doubles).hasValue(0);
    assertThat(served.get()).isGreaterThan(threads * 2_000);
    assertThat(contended.waiting()).isZero();
    for (int i = 0; i < 3; i++) {
      assertThat(contended.poll()).isNotNull();
    }
    assertThat(contended.poll()).isNull();
  }
}
