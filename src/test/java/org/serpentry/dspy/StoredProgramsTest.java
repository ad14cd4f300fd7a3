// SPDX-License-Identifier: Apache-2.0
package org.serpentry.dspy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.dspy.ProgramStore.Kept;
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
}
