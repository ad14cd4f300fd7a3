// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.original.Original;

@Original("worker_state_machine")
@Tag("core-pool")
@Tag("layer-1")
class WorkerStateMachineTest {

  /** The whole table once more, written by hand from the design, so that a slip in either shows. */
  private static final Set<String> LEGAL =
      Set.of(
          "INITIALIZING READY",
          "INITIALIZING TERMINATED",
          "READY BUSY",
          "READY DEGRADED",
          "READY TERMINATING",
          "BUSY READY",
          "BUSY DEGRADED",
          "BUSY TERMINATING",
          "DEGRADED READY",
          "DEGRADED TERMINATING",
          "TERMINATING TERMINATED");

  /** How to get from the beginning to each state. */
  private static final Map<WorkerState, List<WorkerState>> WAYS =
      Map.of(
          WorkerState.INITIALIZING, List.of(),
          WorkerState.READY, List.of(WorkerState.READY),
          WorkerState.BUSY, List.of(WorkerState.READY, WorkerState.BUSY),
          WorkerState.DEGRADED, List.of(WorkerState.READY, WorkerState.DEGRADED),
          WorkerState.TERMINATING, List.of(WorkerState.READY, WorkerState.TERMINATING),
          WorkerState.TERMINATED, List.of(WorkerState.TERMINATED));

  private static final class SteppingClock extends Clock {
    private Instant now = Instant.EPOCH;

    void step(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private final SteppingClock clock = new SteppingClock();

  private WorkerStateMachine in(WorkerState state) {
    WorkerStateMachine machine = new WorkerStateMachine(clock);
    WAYS.get(state).forEach(step -> machine.transition(step, "on the way", Map.of()));
    assertThat(machine.state()).isEqualTo(state);
    return machine;
  }

  static Stream<Arguments> everyPair() {
    return Stream.of(WorkerState.values())
        .flatMap(from -> Stream.of(WorkerState.values()).map(to -> Arguments.of(from, to)));
  }

  @ParameterizedTest
  @MethodSource("everyPair")
  void movesExactlyAsTheTableSays(WorkerState from, WorkerState to) {
    WorkerStateMachine machine = in(from);
    List<Transition> before = machine.history();
    if (LEGAL.contains(from + " " + to)) {
      Transition move = machine.transition(to, "because", Map.of("key", "value"));
      assertThat(machine.state()).isEqualTo(to);
      assertThat(move.from()).isEqualTo(from);
      assertThat(move.to()).isEqualTo(to);
      assertThat(machine.history()).startsWith(move).hasSize(before.size() + 1);
    } else {
      assertThatExceptionOfType(IllegalTransitionException.class)
          .isThrownBy(() -> machine.transition(to, "because", Map.of()))
          .withMessageContaining(from.name())
          .withMessageContaining(to.name());
      assertThat(machine.state()).isEqualTo(from);
      assertThat(machine.history()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @MethodSource("everyPair")
  void leasesReadyWorkersAndReleasesBusyOnesOnly(WorkerState from, WorkerState ignored) {
    assertThat(in(from).tryLease()).isEqualTo(from == WorkerState.READY);
    assertThat(in(from).tryRelease()).isEqualTo(from == WorkerState.BUSY);
  }

  @Test
  void keepsLeasesOutOfTheHistory() {
    WorkerStateMachine machine = in(WorkerState.READY);
    List<Transition> before = machine.history();
    assertThat(machine.tryLease()).isTrue();
    assertThat(machine.state()).isEqualTo(WorkerState.BUSY);
    assertThat(machine.tryRelease()).isTrue();
    assertThat(machine.history()).isEqualTo(before);
  }

  @Test
  void recordsReasonTimeAndDuration() {
    WorkerStateMachine machine = new WorkerStateMachine(clock);
    clock.step(Duration.ofSeconds(3));
    Transition move = machine.transition(WorkerState.READY, "handshake", Map.of("pid", "7"));
    assertThat(move.reason()).isEqualTo("handshake");
    assertThat(move.metadata()).containsEntry("pid", "7");
    assertThat(move.stay()).isEqualTo(Duration.ofSeconds(3));
    assertThat(move.at()).isEqualTo(Instant.EPOCH.plusSeconds(3));
  }

  @Test
  void forgetsTheOldestBeyondFiftyMoves() {
    WorkerStateMachine machine = in(WorkerState.READY);
    for (int i = 0; i < 40; i++) {
      machine.transition(WorkerState.DEGRADED, "down " + i, Map.of());
      machine.transition(WorkerState.READY, "up " + i, Map.of());
    }
    assertThat(machine.history()).hasSize(50);
    assertThat(machine.history().get(0).reason()).isEqualTo("up 39");
    assertThat(machine.history().get(49).reason()).isEqualTo("down 15");
  }

  @Test
  void leasesToOneOfManyThreadsOnly() throws Exception {
    int threads = 8;
    WorkerStateMachine machine = in(WorkerState.READY);
    CyclicBarrier start = new CyclicBarrier(threads);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 500; round++) {
        List<Future<Boolean>> tries = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          Callable<Boolean> lease =
              () -> {
                start.await();
                return machine.tryLease();
              };
          tries.add(executor.submit(lease));
        }
        int won = 0;
        for (Future<Boolean> attempt : tries) {
          won += attempt.get() ? 1 : 0;
        }
        assertThat(won).isEqualTo(1);
        assertThat(machine.tryRelease()).isTrue();
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
