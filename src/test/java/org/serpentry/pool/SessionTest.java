// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.BindingException;
import org.serpentry.api.ErrorCategory;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.PythonSession;
import org.serpentry.api.SessionInfo;
import org.serpentry.api.SessionLimitException;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.SessionMode;
import org.serpentry.original.Original;

/** What the calls of a session share, and what a user sees of it. */
@Original("session_pool_v2")
@Tag("core-pool")
@Tag("layer-3")
class SessionTest {

  /** What {@code conversing:look} tells. */
  public record Seen(String id, State state, List<String> local, int pid) {}

  /** What the tests put into a state. */
  public record State(Integer count, String text) {
    static final State EMPTY = new State(null, null);

    static State counted(int count) {
      return new State(count, null);
    }
  }

  static PoolConfig config(int workers, SessionMode mode) {
    return TestPools.config().size(workers).maxSize(workers).sessions(s -> s.mode(mode)).build();
  }

  static int add(PythonSession session) {
    return session.function("conversing:add").call(int.class);
  }

  static Seen look(PythonSession session) {
    return session.function("conversing:look").call(Seen.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"HINT", "STRICT"})
  void theCallsOfASessionShareItsState(SessionMode mode) {
    try (WorkerPool pool = TestPools.start(config(2, mode))) {
      PythonSession one = pool.session("one");
      PythonSession two = pool.session("two");

      assertThat(add(one)).isEqualTo(1);
      assertThat(add(two)).isEqualTo(1);
      assertThat(add(one)).isEqualTo(2);
      assertThat(one.function("conversing:add_later").callAsync(int.class).join()).isEqualTo(3);

      assertThat(look(one).id()).isEqualTo("one");
      assertThat(look(one).state()).isEqualTo(State.counted(3));
      assertThat(look(pool.session("two")).state()).isEqualTo(State.counted(1));
      assertThat(pool.sessions().store().list()).containsExactly("one", "two");
    }
  }

  @Test
  void withoutModeNothingIsKeptButCounted() {
    try (WorkerPool pool = TestPools.start(config(1, SessionMode.NONE))) {
      PythonSession session = pool.session("tracked");

      assertThat(add(session)).isEqualTo(1);
      assertThat(add(session)).isEqualTo(1);
      session.function("conversing:add").callAsync(int.class).join();

      SessionInfo info = session.info().orElseThrow();
      assertThat(info.operations()).isEqualTo(3);
      assertThat(info.slot()).isEqualTo(-1);
      assertThat(info.lastActivity()).isAfterOrEqualTo(info.started());
      assertThat(pool.sessions().store().list()).isEmpty();
      assertThat(session.end()).isTrue();
      assertThat(session.info()).isEmpty();
    }
  }

  @Test
  void aCallWithoutASessionHasAStateOfItsOwn() {
    try (WorkerPool pool = TestPools.start(config(1, SessionMode.HINT))) {
      assertThat(pool.function("conversing:add").call(int.class)).isEqualTo(1);
      assertThat(pool.function("conversing:add").call(int.class)).isEqualTo(1);
      assertThat(pool.sessions().list(10)).isEmpty();
    }
  }

  @Test
  void aCallThatRaisesLeavesTheStateAsItWas() {
    try (WorkerPool pool = TestPools.start(config(1, SessionMode.HINT))) {
      PythonSession session = pool.session("s");
      add(session);

      assertThatExceptionOfType(PythonCallException.class)
          .isThrownBy(() -> session.function("conversing:put_and_fail").arg("name", "x").call())
          .satisfies(e -> assertThat(e.sessionId()).contains("s"));

      assertThat(look(session).state()).isEqualTo(State.counted(1));
    }
  }

  @Test
  void aStateThatIsNoJsonIsRefusedAndNamed() {
    try (WorkerPool pool = TestPools.start(config(1, SessionMode.HINT))) {
      PythonSession session = pool.session("s");

      assertThatExceptionOfType(BindingException.class)
          .isThrownBy(() -> session.function("conversing:put_lock").call())
          .withMessageContaining("the session's state")
          .withMessageContaining("local")
          .satisfies(e -> assertThat(e.context()).containsEntry("path", "$session.lock"));

      assertThat(look(session).state()).isEqualTo(State.EMPTY);
    }
  }

  @Test
  void endingASessionDropsItsStateHereAndOnTheWorker() {
    try (WorkerPool pool = TestPools.start(config(1, SessionMode.HINT))) {
      PythonSession session = pool.session("s");
      add(session);

      assertThat(session.end()).isTrue();
      assertThat(session.end()).isFalse();
      assertThat(session.info()).isEmpty();
      assertThat(pool.sessions().store().list()).isEmpty();
      assertThat(add(session)).as("a new session of that id").isEqualTo(1);
      session.end();
      pool.sessions().sweep();

      assertThat(pool.function("conversing:copies").call(int.class)).isZero();
      assertThat(pool.control().snapshot().calls().succeeded())
          .as("what the pool does by itself is not counted")
          .isEqualTo(3);
    }
  }

  @Test
  void aStateOfAnySizeUpToTheLimitTravels() {
    PoolConfig config = TestPools.config().sessions(s -> s.stateSize(200_000)).build();
    try (WorkerPool pool = TestPools.start(config)) {
      PythonSession session = pool.session("s");
      session.function("conversing:put_size").arg("size", 150_000).call();

      assertThatExceptionOfType(SessionLimitException.class)
          .isThrownBy(() -> session.function("conversing:put_size").arg("size", 200_000).call())
          .withMessageContaining("session-state-size")
          .satisfies(e -> assertThat(e.category()).isEqualTo(ErrorCategory.RESOURCE));

      assertThat(look(session).state().text()).hasSize(150_000);
      assertThat(pool.sessions().statistics().store().bytes()).isBetween(150_000L, 151_000L);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void stateAndAttachmentsTravelTogether(int places) {
    PoolConfig config =
        TestPools.config().size(2).maxSize(2).life(l -> l.callsPerWorker(places)).build();
    try (WorkerPool pool = TestPools.start(config)) {
      PythonSession session = pool.session("s");
      for (int number = 1; number <= 6; number++) {
        byte[] blob = new byte[number * 30_000 + number];
        blob[0] = (byte) number;
        byte[] back = session.function("conversing:reverse").arg("blob", blob).call(byte[].class);
        assertThat(back).hasSize(blob.length);
        assertThat(back[blob.length - 1]).isEqualTo((byte) number);
        assertThat(look(session).state()).isEqualTo(State.counted(number));
        // To a worker that does not have the state.
        int slot = session.info().orElseThrow().slot();
        pool.sessions().move("s", 1 - slot).end().join();
      }
    }
  }

  @Test
  void noMoreSessionsOpenThanTheLimit() {
    PoolConfig config = TestPools.config().sessions(s -> s.limit(2)).build();
    try (WorkerPool pool = TestPools.start(config)) {
      add(pool.session("a"));
      add(pool.session("b"));

      assertThatExceptionOfType(SessionLimitException.class)
          .isThrownBy(() -> add(pool.session("c")))
          .satisfies(e -> assertThat(e.isTransient()).isTrue());
      CompletableFuture<Integer> later =
          pool.session("d").function("conversing:add").callAsync(int.class);
      assertThat(later)
          .failsWithin(java.time.Duration.ofSeconds(10))
          .withThrowableThat()
          .withCauseInstanceOf(SessionLimitException.class);
      pool.session("a").end();
      assertThat(add(pool.session("c"))).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void callsOfOneSessionNeverLoseAnUpdate(int places) {
    PoolConfig config =
        TestPools.config().size(2).maxSize(2).life(l -> l.callsPerWorker(places)).build();
    try (WorkerPool pool = TestPools.start(config)) {
      PythonSession session = pool.session("shared");
      List<CompletableFuture<Integer>> calls =
          IntStream.range(0, 400)
              .mapToObj(
                  i ->
                      session
                          .function(i % 2 == 0 ? "conversing:add" : "conversing:add_later")
                          .callAsync(int.class))
              .toList();
      List<Integer> direct = IntStream.range(0, 20).parallel().mapToObj(i -> add(session)).toList();

      assertThat(calls.stream().map(CompletableFuture::join)).doesNotHaveDuplicates();
      assertThat(direct).doesNotHaveDuplicates();
      assertThat(look(session).state()).isEqualTo(State.counted(420));
      assertThat(session.info().orElseThrow().waiting()).isZero();
    }
  }

  @Test
  void anIdMustBeUsable() {
    try (WorkerPool pool = TestPools.start(config(1, SessionMode.HINT))) {
      for (String id : List.of("", "a\nb", "x".repeat(257))) {
        assertThatExceptionOfType(IllegalArgumentException.class)
            .isThrownBy(() -> pool.session(id));
      }
      assertThat(pool.session("ä".repeat(128)).id()).hasSize(128);
    }
  }
}
