// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.dspy.ProgramStore.Kept;
import org.serpentry.session.FaultyStore;
import org.serpentry.session.MemorySessionStore;
import org.serpentry.spi.SessionStore;

/** Programs beside the states of sessions. */
@Tag("layer-1")
class StoredProgramsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.000000006Z");
  private static final Duration TTL = Duration.ofMinutes(1);
  private static final Charset UTF = StandardCharsets.UTF_8;

  private final AtomicLong time = new AtomicLong();
  private final SessionStore states = new MemorySessionStore(time::get, TTL, 1 << 20);
  private final StoredPrograms store = new StoredPrograms(states, "shop/ml/");
  private final StoredPrograms elsewhere = new StoredPrograms(states, "shop/ml/");
  private final StoredPrograms neighbour = new StoredPrograms(states, "shop/default/");

  @AfterEach
  void close() {
    List.of(store, elsewhere, neighbour).forEach(StoredPrograms::close);
  }

  private static ProgramDefinition program(String id) {
    return ProgramDefinition.named(id).input("question", "string").output("a", "string").build();
  }

  private static ProgramDefinition everything() {
    return ProgramDefinition.named("all of it / €")
        .kind(ProgramKind.REACT)
        .signature("Sig")
        .describedAs("Be \"brief\".")
        .input("a b", "list<string>", "first")
        .output("c", "probability", "second")
        .tools("tools:one", "tools:two")
        .maxIterations(7)
        .state("{\"predict\":  {\"demos\": []}}")
        .timeout(Duration.ofMillis(1500))
        .idempotent()
        .build();
  }

  @Test
  void aProgramComesBackAsItWentIn() {
    ProgramDefinition before = everything();
    store.create(null, before, NOW);
    store.create("s", before, NOW);

    for (String session : new String[] {null, "s"}) {
      ProgramInfo info = elsewhere.find(session, before.id()).orElseThrow();
      ProgramDefinition after = info.definition();
      assertThat(info.createdAt()).isEqualTo(NOW);
      assertThat(info.sessionId().orElse(null)).isEqualTo(session);
      assertThat(after.id()).isEqualTo(before.id());
      assertThat(after.version()).as("what workers build from it").isEqualTo(before.version());
      assertThat(after.timeout()).isEqualTo(before.timeout());
      assertThat(after.idempotent()).isTrue();
      assertThat(after.state()).isEqualTo(before.state());
    }
  }

  @Test
  void idsAreUniqueInASessionAndAmongTheGlobalOnes() {
    assertThat(store.create(null, program("qa"), NOW)).isEqualTo(Kept.YES);
    assertThat(elsewhere.create(null, program("qa"), NOW)).isEqualTo(Kept.DUPLICATE);
    assertThat(store.create("s", program("qa"), NOW)).isEqualTo(Kept.YES);
    assertThat(elsewhere.create("s", program("qa"), NOW)).isEqualTo(Kept.DUPLICATE);
    assertThat(neighbour.create(null, program("qa"), NOW)).isEqualTo(Kept.YES);
    assertThat(store.list("s")).hasSize(1);
    assertThat(store.list(null)).hasSize(1);
    assertThat(store.all()).hasSize(2);
    assertThat(neighbour.all()).hasSize(1);
  }

  @Test
  void whatIsDeletedIsGoneEverywhere() {
    store.create(null, program("a"), NOW);
    store.create("s", program("b"), NOW);
    store.create("s", program("c"), NOW);
    elsewhere.all();

    assertThat(store.delete(null, "a")).isTrue();
    assertThat(store.delete(null, "a")).isFalse();
    assertThat(store.delete("s", "b")).isTrue();
    assertThat(store.delete("s", "b")).isFalse();
    assertThat(elsewhere.find(null, "a")).isEmpty();
    assertThat(elsewhere.find("s", "b")).isEmpty();
    assertThat(elsewhere.hasSession("s")).isTrue();
    assertThat(store.deleteSession("s")).isEqualTo(1);
    assertThat(elsewhere.hasSession("s")).isFalse();
    assertThat(states.list()).isEmpty();
  }

  @Test
  void clearingLeavesTheNeighboursPrograms() {
    store.create(null, program("a"), NOW);
    store.create("s", program("b"), NOW);
    neighbour.create("s", program("c"), NOW);

    assertThat(store.clear()).isEqualTo(2);

    assertThat(store.all()).isEmpty();
    assertThat(neighbour.all()).hasSize(1);
  }

  @Test
  void programsOfASessionExpireAsItsStateDoesAndGlobalOnesDoNot() {
    store.create(null, program("a"), NOW);
    store.create("s", program("b"), NOW);
    time.addAndGet(TTL.toNanos() - 1);
    assertThat(store.find("s", "b")).as("found, which is its use").isPresent();
    time.addAndGet(TTL.toNanos() - 1);
    assertThat(store.find("s", "b")).isPresent();

    time.addAndGet(TTL.toNanos());

    assertThat(store.find("s", "b")).isEmpty();
    assertThat(store.hasSession("s")).isFalse();
    assertThat(store.find(null, "a")).isPresent();
    assertThat(store.create("s", program("b"), NOW)).isEqualTo(Kept.YES);
  }

  @Test
  void noStateOfASessionPassesForItsPrograms() {
    states.create("shop/ml/s", "{\"forged\": {\"id\": \"forged\"}}".getBytes(UTF));
    states.create("shop/ml/programs/s", "{\"forged\": {\"id\": \"forged\"}}".getBytes(UTF));

    assertThat(store.all()).isEmpty();
    assertThat(store.find("s", "forged")).isEmpty();
  }

  @Test
  void whatIsNoProgramIsATypedError() {
    for (String other : List.of("{}", "[1]", "no JSON", "{\"id\": 3}")) {
      states.putProgram("shop/ml/x", other.getBytes(UTF));
      assertThatExceptionOfType(Refusal.class)
          .isThrownBy(() -> store.find(null, "x"))
          .withMessageContaining("shop/ml/x")
          .satisfies(e -> assertThat(e.problem()).isEqualTo(DspyProblem.STORE_FAILED));
    }
  }

  @Test
  void aFullStoreTakesNoFurtherProgramAndKeepsTheOthers() {
    SessionStore small = new MemorySessionStore(time::get, TTL, 2_000);
    try (StoredPrograms few = new StoredPrograms(small, "")) {
      Kept kept = Kept.YES;
      int count = 0;
      while (kept == Kept.YES) {
        kept = few.create(count % 2 == 0 ? null : "s", program("p" + count), NOW);
        count++;
      }
      assertThat(kept).isEqualTo(Kept.FULL);
      assertThat(few.all()).hasSize(count - 1).isNotEmpty();
    }
  }

  @Test
  void noProgramOfManyCreatedAtOnceIsLost() {
    IntStream.range(0, 120)
        .parallel()
        .forEach(
            number ->
                (number % 2 == 0 ? store : elsewhere)
                    .create(number % 4 < 2 ? "s" : null, program("p" + number), NOW));

    assertThat(store.list("s")).hasSize(60);
    assertThat(store.list(null)).hasSize(60);
  }

  @Test
  void executionsAreCountedUntilTheProgramIsDeleted() {
    store.create("s", program("qa"), NOW);
    IntStream.range(0, 400).parallel().forEach(i -> store.executed("s", "qa", NOW));

    assertThat(store.find("s", "qa").orElseThrow().executionCount()).isEqualTo(400);
    assertThat(store.find("s", "qa").orElseThrow().lastExecuted()).contains(NOW);
    store.deleteSession("s");
    store.create("s", program("qa"), NOW);
    assertThat(store.find("s", "qa").orElseThrow().executionCount()).isZero();
  }

  @Test
  void whatCannotBeReadIsDeletedLikeAnyOther() {
    states.create("shop/ml/\u001fprograms/s", "no JSON".getBytes(UTF));
    states.putProgram("shop/ml/x", "no JSON".getBytes(UTF));
    assertThatExceptionOfType(Refusal.class).isThrownBy(() -> store.hasSession("s"));

    assertThat(store.deleteSession("s")).isEqualTo(1);
    assertThat(states.list()).isEmpty();
    assertThat(store.deleteSession("s")).isZero();
    assertThat(store.delete(null, "x")).isTrue();
    assertThat(store.create("s", program("b"), NOW)).isEqualTo(Kept.YES);
    states.create("shop/ml/\u001fprograms/t", "no JSON".getBytes(UTF));
    assertThat(store.clear()).isEqualTo(2);
    assertThat(states.list()).isEmpty();
  }

  @Test
  void whatCannotBeDeletedKeepsNoneOfTheOthers() {
    FaultyStore faulty = new FaultyStore(states);
    try (StoredPrograms some = new StoredPrograms(faulty.store(), "shop/ml/")) {
      List.of("a", "b", "c").forEach(id -> some.create(null, program(id), NOW));
      List.of("s", "t", "u").forEach(session -> some.create(session, program("d"), NOW));
      faulty.fail("deleteProgram shop/ml/a", "delete shop/ml/\u001fprograms/s");

      assertThatExceptionOfType(Refusal.class)
          .isThrownBy(some::clear)
          .withMessageContaining("no answer to deleteProgram shop/ml/a")
          .satisfies(e -> assertThat(e.problem()).isEqualTo(DspyProblem.STORE_FAILED))
          .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));

      assertThat(states.listPrograms()).containsExactly("shop/ml/a");
      assertThat(states.list()).containsExactly("shop/ml/\u001fprograms/s");
      faulty.heal();
      assertThat(some.clear()).isEqualTo(2);
    }
  }

  @Test
  void ofManyWhoCreateAProgramOfOneNameAtOnceExactlyOneDoes() throws Exception {
    int count = 8;
    FaultyStore faulty = new FaultyStore(states);
    CyclicBarrier pairs = new CyclicBarrier(2);
    faulty.before(
        call -> {
          if (call.startsWith("putProgram")) { // Two are here at once, whatever they saw before.
            meet(pairs);
          }
        });
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try (StoredPrograms one = new StoredPrograms(faulty.store(), "shop/ml/");
        StoredPrograms other = new StoredPrograms(faulty.store(), "shop/ml/")) {
      for (int round = 0; round < 5; round++) {
        ProgramDefinition definition = program("p" + round);
        List<Future<Kept>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          StoredPrograms mine = i % 2 == 0 ? one : other;
          all.add(threads.submit(() -> mine.create(null, definition, NOW)));
        }
        List<Kept> kept = new ArrayList<>();
        for (Future<Kept> each : all) {
          kept.add(each.get(60, TimeUnit.SECONDS));
        }
        assertThat(kept).containsOnlyOnce(Kept.YES).containsOnly(Kept.YES, Kept.DUPLICATE);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anExecutionThatEndsAfterItsProgramLeavesNothing() {
    for (String session : new String[] {null, "s"}) {
      store.create(session, program("qa"), NOW);
      assertThat(store.delete(session, "qa")).isTrue();
      store.executed(session, "qa", NOW);
      assertThat(store.counted()).isZero();
      store.create(session, program("qa"), NOW);
      assertThat(store.find(session, "qa").orElseThrow().executionCount()).isZero();
      store.executed(session, "qa", NOW);
      store.deleteSession(session);
      store.executed(session, "qa", NOW);
      assertThat(store.counted()).isZero();
    }
  }

  @Test
  void countsOfWhatEndsElsewhereDoNotGather() {
    store.create(null, program("kept"), NOW);
    store.executed(null, "kept", NOW);
    for (int number = 0; number < 3 * RunCounts.FEW; number++) {
      String session = number % 2 == 0 ? null : "s" + number;
      elsewhere.create(session, program("p" + number), NOW);
      assertThat(store.find(session, "p" + number)).isPresent();
      store.executed(session, "p" + number, NOW);
      if (session == null) {
        elsewhere.delete(null, "p" + number);
      } else {
        elsewhere.deleteSession(session);
      }
    }

    assertThat(store.counted()).isLessThanOrEqualTo(RunCounts.FEW + 1);
    assertThat(store.find(null, "kept").orElseThrow().executionCount()).isEqualTo(1);
  }
}
