// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.WorkerState;
import org.serpentry.worker.BegunWords;
import org.serpentry.worker.Worker;

/** Workers with several places: a lease is one of them. */
@Tag("core-pool")
@Tag("layer-1")
class CheckoutPlacesTest {

  private static final int PLACES = 3;

  @TempDir private Path directory;
  private final Checkout checkout = new Checkout(System::nanoTime, 100, () -> {});
  private BegunWords words;

  @BeforeEach
  void words() throws IOException {
    words = BegunWords.create(directory, 16, PLACES);
  }

  private Worker admitted(long id) {
    Worker worker = new Worker(id, (int) id, 1, words, Clock.systemUTC());
    worker.machine().transition(WorkerState.READY, "test", Map.of());
    checkout.admit(worker);
    return worker;
  }

  private Waiter queued() {
    Waiter waiter = new Waiter.Queued(System.nanoTime(), () -> {});
    assertThat(checkout.enqueue(waiter)).isTrue();
    return waiter;
  }

  @Test
  void leasesEveryPlaceAndIsBusyThen() {
    Worker worker = admitted(1);
    for (int place = 1; place <= PLACES; place++) {
      assertThat(worker.machine().state()).isEqualTo(WorkerState.READY);
      assertThat(checkout.poll()).isSameAs(worker);
      assertThat(worker.machine().taken()).isEqualTo(place);
    }
    assertThat(worker.machine().state()).isEqualTo(WorkerState.BUSY);
    assertThat(checkout.poll()).isNull();
    assertThat(checkout.giveBack(worker)).isTrue();
    assertThat(worker.machine().state()).isEqualTo(WorkerState.READY);
    assertThat(checkout.poll()).isSameAs(worker);
  }

  @Test
  void spreadsCallsOverTheWorkersWithFreePlaces() {
    Worker first = admitted(1);
    Worker second = admitted(2);
    for (int i = 0; i < 4; i++) {
      assertThat(checkout.poll()).isNotNull();
    }
    assertThat(first.machine().taken()).isEqualTo(2);
    assertThat(second.machine().taken()).isEqualTo(2);
  }

  @Test
  void givesANewWorkersPlacesToAsManyWaitersInTheirOrder() {
    List<Waiter> waiters = new ArrayList<>();
    for (int i = 0; i < PLACES + 1; i++) {
      waiters.add(queued());
    }
    Worker worker = admitted(1);
    for (int i = 0; i < PLACES; i++) {
      assertThat(waiters.get(i).outcome()).isSameAs(worker);
    }
    assertThat(waiters.get(PLACES).outcome()).isNull();
    assertThat(checkout.giveBack(worker)).isTrue();
    assertThat(waiters.get(PLACES).outcome()).isSameAs(worker);
    assertThat(worker.machine().taken()).isEqualTo(PLACES);
  }

  @Test
  void aWaiterThatGaveUpLeavesItsPlaceFree() {
    Waiter gone = queued();
    assertThat(gone.giveUp()).isTrue();
    Worker worker = admitted(1);
    assertThat(worker.machine().taken()).isZero();
    assertThat(checkout.poll()).isSameAs(worker);
  }

  @Test
  void isWithdrawnForAProbeOnlyWhenNoPlaceIsTakenAndThenWhole() {
    Worker worker = admitted(1);
    assertThat(checkout.poll()).isSameAs(worker);
    assertThat(checkout.withdraw(worker)).isFalse();
    assertThat(checkout.poll()).as("it still serves").isSameAs(worker);
    checkout.giveBack(worker);
    checkout.giveBack(worker);
    assertThat(checkout.withdraw(worker)).isTrue();
    assertThat(worker.machine().tryLease()).isTrue();
    assertThat(checkout.poll()).isNull();
    Waiter waiting = queued();
    assertThat(checkout.giveBack(worker)).isTrue();
    assertThat(waiting.outcome()).isSameAs(worker);
    assertThat(checkout.poll()).isSameAs(worker);
    assertThat(worker.machine().taken()).isEqualTo(2);
  }

  @Test
  void aRetiringWorkerTakesNoNewCallAndLeavesWithItsLast() {
    Worker worker = admitted(1);
    checkout.poll();
    checkout.poll();
    worker.retire();
    assertThat(checkout.withdraw(worker)).as("calls run on it").isFalse();
    assertThat(checkout.poll()).isNull();
    Waiter waiting = queued();
    assertThat(checkout.giveBack(worker)).isFalse();
    assertThat(worker.machine().inUse()).isTrue();
    assertThat(checkout.giveBack(worker)).isFalse();
    assertThat(worker.machine().inUse()).isFalse();
    assertThat(waiting.outcome()).isNull();
  }

  @Test
  void aDeadWorkersPlacesAreGivenToNobody() {
    Worker worker = admitted(1);
    checkout.poll();
    worker.machine().transition(WorkerState.TERMINATING, "test", Map.of());
    assertThat(checkout.poll()).isNull();
    assertThat(checkout.giveBack(worker)).isFalse();
    assertThat(worker.machine().taken()).isZero();
  }

  @Test
  void neverLeasesMorePlacesThanThereAre() {
    List<Worker> workers = List.of(admitted(1), admitted(2), admitted(3));
    List<Worker> leased = new ArrayList<>();
    Random random = new Random(5);
    for (int step = 0; step < 10_000; step++) {
      if (random.nextBoolean()) {
        Worker worker = checkout.poll();
        assertThat(worker == null).isEqualTo(leased.size() == 3 * PLACES);
        if (worker != null) {
          leased.add(worker);
        }
      } else if (!leased.isEmpty()) {
        assertThat(checkout.giveBack(leased.remove(random.nextInt(leased.size())))).isTrue();
      }
      for (Worker worker : workers) {
        long taken = leased.stream().filter(w -> w == worker).count();
        assertThat(worker.machine().taken()).isEqualTo((int) taken);
        assertThat(worker.machine().state())
            .isEqualTo(taken == PLACES ? WorkerState.BUSY : WorkerState.READY);
      }
    }
  }
}
