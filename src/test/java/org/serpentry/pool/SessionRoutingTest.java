// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.api.PythonSession;
import org.serpentry.api.SessionBusyException;
import org.serpentry.api.SessionLostException;
import org.serpentry.api.WorkerCrashedException;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.SessionMode;
import org.serpentry.original.Original;
import org.serpentry.pool.SessionTest.State;
import org.serpentry.session.SessionStatistics;

/** Which worker the calls of a session run on, and what becomes of one whose worker goes. */
@Original("session_affinity")
@Tag("core-pool")
@Tag("layer-3")
class SessionRoutingTest {

  @TempDir private Path directory;

  private static int pid(PythonSession session) {
    return SessionTest.look(session).pid();
  }

  /** Keeps a worker busy until the file is deleted. */
  private CompletableFuture<Integer> occupy(PythonSession session, Path file) throws IOException {
    Files.createFile(file);
    return session
        .function("conversing:wait")
        .arg("path", file.toString())
        .retries(0) // Its worker may die before it has begun.
        .callAsync(int.class);
  }

  private static void awaitRunning(WorkerPool pool, int calls) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (running(pool) < calls) {
      assertThat(System.nanoTime()).as("calls running").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private static long running(WorkerPool pool) {
    return pool.control().snapshot().workers().stream().filter(w -> w.requestId() != 0).count();
  }

  private static int slotOf(PythonSession session) {
    return session.info().orElseThrow().slot();
  }

  @ParameterizedTest
  @EnumSource(names = {"HINT", "STRICT"})
  void aSessionStaysOnItsWorkerAndNewOnesSpread(SessionMode mode) {
    try (WorkerPool pool = TestPools.start(SessionTest.config(3, mode))) {
      Set<Integer> pids = new HashSet<>();
      for (int number = 0; number < 9; number++) {
        PythonSession session = pool.session("s" + number);
        int first = pid(session);
        pids.add(first);
        pool.function("faulty:echo").args("between").call();
        assertThat(pid(session)).isEqualTo(first);
      }
      assertThat(pids).hasSize(3);
      SessionStatistics statistics = pool.control().snapshot().sessions();
      assertThat(statistics.bySlot().values()).containsExactly(3, 3, 3);
      assertThat(statistics.hits()).isEqualTo(9);
      assertThat(statistics.misses()).as("the first call of each").isEqualTo(9);
    }
  }

  @Test
  void aSessionThatCameBackIsNotForgottenByItsWorker() {
    try (WorkerPool pool = TestPools.start(SessionTest.config(2, SessionMode.STRICT))) {
      PythonSession traveller = pool.session("traveller");
      SessionTest.add(traveller);
      int home = slotOf(traveller);
      pool.sessions().move("traveller", 1 - home).end().join();
      pool.sessions().move("traveller", home).end().join();
      assertThat(SessionTest.add(traveller)).isEqualTo(2);

      pool.sessions().sweep(); // The calls after it come after what it tells the workers.

      assertThat(SessionTest.add(traveller)).isEqualTo(3);
      assertThat(slotOf(traveller)).isEqualTo(home);
    }
  }

  @Test
  void hintGoesToAnotherWorkerWithTheStateWhenItsOwnIsBusy() throws Exception {
    try (WorkerPool pool = TestPools.start(SessionTest.config(2, SessionMode.HINT))) {
      PythonSession mover = pool.session("mover");
      PythonSession blocker = pool.session("blocker");
      SessionTest.add(mover);
      int home = pid(mover);
      pool.sessions().move("mover", 1 - slotOf(mover)).end().join();
      assertThat(pid(mover)).isNotEqualTo(home);
      int second = pid(mover);
      // Somebody else takes its worker.
      pid(blocker);
      if (pid(blocker) != second) {
        pool.sessions().move("blocker", slotOf(mover)).end().join();
      }
      Path file = directory.resolve("busy");
      CompletableFuture<Integer> busy = occupy(blocker, file);
      awaitRunning(pool, 1);

      assertThat(SessionTest.add(mover)).isEqualTo(2);
      assertThat(pid(mover)).isEqualTo(home);

      Files.delete(file);
      assertThat(busy.join()).isEqualTo(second);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void strictWaitsForItsWorker(int places) throws Exception {
    PoolConfig config =
        TestPools.config()
            .size(2)
            .maxSize(2)
            .life(l -> l.callsPerWorker(places))
            .sessions(s -> s.mode(SessionMode.STRICT))
            .build();
    try (WorkerPool pool = TestPools.start(config)) {
      PythonSession session = pool.session("strict");
      int home = pid(session);
      int slot = slotOf(session);
      CompletableFuture<?>[] busy = new CompletableFuture<?>[places];
      for (int number = 0; number < places; number++) {
        PythonSession other = pool.session("other" + number);
        pid(other);
        if (slotOf(other) != slot) {
          pool.sessions().move("other" + number, slot).end().join();
        }
        busy[number] = occupy(other, directory.resolve("busy" + number));
      }
      awaitRunning(pool, 1);

      assertThatExceptionOfType(org.serpentry.api.CheckoutTimeoutException.class)
          .isThrownBy(
              () ->
                  session
                      .function("conversing:look")
                      .checkoutTimeout(Duration.ofMillis(50))
                      .call());
      CompletableFuture<SessionTest.Seen> waits =
          session.function("conversing:look").callAsync(SessionTest.Seen.class);
      assertThat(pool.function("conversing:look").call(SessionTest.Seen.class).pid())
          .as("others are served meanwhile")
          .isNotEqualTo(home);
      assertThat(waits).isNotDone();
      for (int number = 0; number < places; number++) {
        Files.delete(directory.resolve("busy" + number));
      }
      assertThat(waits.join().pid()).isEqualTo(home);
      CompletableFuture.allOf(busy).join();
      assertThat(pool.control().counts().waiting()).isZero();
    }
  }

  @Test
  void strictFailsAtOnceWhereItDoesNotWait() throws Exception {
    PoolConfig config =
        TestPools.config()
            .size(2)
            .maxSize(2)
            .sessions(s -> s.mode(SessionMode.STRICT).strictWait(false))
            .build();
    try (WorkerPool pool = TestPools.start(config)) {
      PythonSession session = pool.session("strict");
      PythonSession other = pool.session("other");
      pid(session);
      pid(other);
      pool.sessions().move("other", slotOf(session)).end().join();
      Path file = directory.resolve("busy");
      CompletableFuture<Integer> busy = occupy(other, file);
      awaitRunning(pool, 1);

      assertThatExceptionOfType(SessionBusyException.class)
          .isThrownBy(() -> SessionTest.add(session))
          .withMessageContaining("session-strict-wait")
          .satisfies(e -> assertThat(e.isTransient()).isTrue());
      assertThat(session.function("conversing:add").callAsync(int.class))
          .failsWithin(Duration.ofSeconds(10))
          .withThrowableThat()
          .withCauseInstanceOf(SessionBusyException.class);
      assertThatExceptionOfType(SessionBusyException.class)
          .as("its own running call")
          .isThrownBy(() -> SessionTest.add(other));

      Files.delete(file);
      busy.join();
      assertThat(SessionTest.add(session)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HINT", "STRICT"})
  void aSessionWhoseWorkerDiesLosesOnlyWhatItsLastCallDid(SessionMode mode) {
    try (WorkerPool pool = TestPools.start(SessionTest.config(2, mode))) {
      PythonSession session = pool.session("s");
      SessionTest.add(session);
      int home = pid(session);

      assertThatExceptionOfType(WorkerCrashedException.class)
          .isThrownBy(() -> session.function("conversing:put_and_die").args("text").call());

      assertThat(SessionTest.add(session)).isEqualTo(2);
      assertThat(SessionTest.look(session).state()).isEqualTo(State.counted(2));
      assertThat(pid(session)).isNotEqualTo(home);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HINT", "STRICT"})
  void recyclingLosesNothing(SessionMode mode) {
    PoolConfig config =
        TestPools.config()
            .size(2)
            .maxSize(2)
            .life(l -> l.maxRequests(5).recycleJitter(0))
            .sessions(s -> s.mode(mode))
            .build();
    try (WorkerPool pool = TestPools.start(config)) {
      PythonSession one = pool.session("one");
      PythonSession two = pool.session("two");
      Set<Integer> pids = new HashSet<>();
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      for (int number = 1; pids.size() < 4 && System.nanoTime() < end; number++) {
        assertThat(SessionTest.add(one)).isEqualTo(number);
        assertThat(two.function("conversing:add").callAsync(int.class).join()).isEqualTo(number);
        pids.add(pid(one));
      }
      assertThat(pids).as("workers").hasSize(4);
    }
  }

  @Test
  void strictTellsThatWhatAWorkerKeptIsLostUntilTheSessionIsEnded() {
    try (WorkerPool pool = TestPools.start(SessionTest.config(2, SessionMode.STRICT))) {
      PythonSession session = pool.session("s");
      SessionTest.add(session);
      session.function("conversing:keep").args("lock").call();
      assertThat(SessionTest.look(session).local()).containsExactly("lock");
      assertThat(session.info().orElseThrow().keepsLocal()).isTrue();
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> pool.sessions().move("s", 1 - slotOf(session)))
          .withMessageContaining("local");

      assertThatExceptionOfType(WorkerCrashedException.class)
          .isThrownBy(() -> session.function("conversing:put_and_die").args("text").call());

      for (int round = 0; round < 2; round++) {
        assertThatExceptionOfType(SessionLostException.class)
            .isThrownBy(() -> SessionTest.add(session))
            .satisfies(e -> assertThat(e.sessionId()).contains("s"))
            .satisfies(e -> assertThat(e.isTransient()).isFalse());
      }
      assertThat(session.info().orElseThrow().lost()).isTrue();
      assertThat(pool.sessions().statistics().lost()).isEqualTo(1);
      session.end();
      assertThat(SessionTest.add(session)).isEqualTo(1);
    }
  }

  @Test
  void hintGoesOnWithoutWhatAWorkerKept() {
    try (WorkerPool pool = TestPools.start(SessionTest.config(2, SessionMode.HINT))) {
      PythonSession session = pool.session("s");
      SessionTest.add(session);
      session.function("conversing:keep").args("lock").call();

      assertThatExceptionOfType(WorkerCrashedException.class)
          .isThrownBy(() -> session.function("conversing:put_and_die").args("text").call());

      assertThat(SessionTest.add(session)).isEqualTo(2);
      assertThat(SessionTest.look(session).local()).isEmpty();
    }
  }

  @Test
  void whoWaitsForAWorkerThatDiesIsServedByAnother() throws Exception {
    try (WorkerPool pool = TestPools.start(SessionTest.config(2, SessionMode.STRICT))) {
      PythonSession session = pool.session("s");
      PythonSession other = pool.session("other");
      SessionTest.add(session);
      pid(other);
      pool.sessions().move("other", slotOf(session)).end().join();
      CompletableFuture<Integer> busy = occupy(other, directory.resolve("busy"));
      awaitRunning(pool, 1);
      CompletableFuture<Integer> waits = session.function("conversing:add").callAsync(int.class);

      pool.control().killWorker(slotOf(session));

      assertThat(waits.join()).isEqualTo(2);
      assertThat(busy)
          .failsWithin(Duration.ofSeconds(10))
          .withThrowableThat()
          .withCauseInstanceOf(WorkerCrashedException.class);
      Files.delete(directory.resolve("busy"));
    }
  }
}
