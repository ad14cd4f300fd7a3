// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.ErrorCategory;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.PythonSession;
import org.serpentry.session.FaultyStore;
import org.serpentry.session.MemorySessionStore;

/** A session store of somebody's that fails, or does not answer, when sessions end. */
@Tag("core-pool")
@Tag("layer-3")
class SessionStoreFailureTest {
  private final MemorySessionStore states =
      new MemorySessionStore(System::nanoTime, Duration.ofHours(1), 1 << 20);
  private final FaultyStore faulty = new FaultyStore(states);
  private final WorkerPool pool =
      TestPools.builder(TestPools.config().sessions(s -> s.sweep(Duration.ofDays(1))).build())
          .sessionStore(faulty.store(), "shop/test/")
          .start();
  private final Queue<String> dropped = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    faulty.heal();
    pool.close();
  }

  @Test
  void everythingIsDroppedThatCanBeAndTheSessionEndsOnceAllOfItIs() {
    boolean[] down = {true};
    pool.sessions()
        .whenEnded(
            "notes",
            down,
            (locked, id) -> {
              if (locked[0]) {
                throw new IllegalStateException("the notes are locked");
              }
            });
    pool.sessions().whenEnded("sketches", dropped, Queue::add);
    PythonSession session = pool.session("s");
    SessionTest.add(session);
    faulty.fail("delete shop/test/s");

    assertThatExceptionOfType(PythonPoolException.class)
        .isThrownBy(session::end)
        .withMessageContaining("the session s has not ended, since its notes and state")
        .withMessageContaining("the notes are locked")
        .satisfies(
            e -> {
              assertThat(e.type()).isEqualTo("session_store_failed");
              assertThat(e.category()).isEqualTo(ErrorCategory.SYSTEM);
              assertThat(e.sessionId()).contains("s");
              assertThat(e.getCause()).hasMessage("the notes are locked");
              assertThat(e.getSuppressed()[0]).hasMessage("no answer to delete shop/test/s");
            });
    assertThat(dropped).containsExactly("s");
    assertThat(session.info()).as("whose state is still there").isPresent();

    faulty.heal();
    assertThatExceptionOfType(PythonPoolException.class).isThrownBy(session::end);
    assertThat(states.list()).as("the state went although the notes are locked").isEmpty();
    down[0] = false;
    assertThat(session.end()).isTrue();
    assertThat(session.info()).isEmpty();
    assertThat(SessionTest.add(session)).as("a new session").isEqualTo(1);
  }

  @Test
  void aSweepThatTheStoreDisturbsIsATypedErrorAndLeavesTheRestDone() {
    SessionTest.add(pool.session("s"));
    faulty.fail("sweep");

    assertThatExceptionOfType(PythonPoolException.class)
        .isThrownBy(() -> pool.sessions().sweep())
        .withMessageContaining("no answer to sweep")
        .satisfies(e -> assertThat(e.type()).isEqualTo("session_store_failed"));

    faulty.heal();
    assertThat(pool.sessions().sweep()).isZero();
  }

  @Test
  void nobodyWhoLooksAtThePoolWaitsForItsStore() throws Exception {
    SessionTest.add(pool.session("s"));
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    faulty.before(
        call -> {
          if (call.startsWith("replace") || call.startsWith("statistics")) {
            asked.countDown();
            await(answer);
          }
        });
    CompletableFuture<Integer> storing =
        pool.session("s").function("conversing:add").callAsync(int.class);
    await(asked);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      assertThat(
              thread
                  .submit(
                      () -> {
                        pool.control().snapshot();
                        return pool.sessions().list(10);
                      })
                  .get(60, TimeUnit.SECONDS))
          .hasSize(1);
    } finally {
      answer.countDown();
      thread.shutdownNow();
    }
    assertThat(storing.get(60, TimeUnit.SECONDS)).isEqualTo(2);
  }

  @Test
  void theFiguresOfAStoreThatBlocksAreThoseOfItsLastAnswer() {
    SessionTest.add(pool.session("s"));
    pool.sessions().statistics(); // Which asks for them.
    CompletableFuture<Void> answered = new CompletableFuture<>();
    assertThat(pool.context().chores().execute(() -> answered.complete(null))).isTrue();
    assertThat(answered).succeedsWithin(Duration.ofMinutes(1));

    assertThat(pool.sessions().statistics().store().sessions()).isEqualTo(1);
  }

  @Test
  void whatIsKeptForASessionBeginsItAndEndsWithIt() {
    pool.sessions().whenEnded("sketches", dropped, Queue::add);

    pool.sessions().keep("quiet", () -> dropped.add("kept"));
    assertThat(pool.session("quiet").info()).isPresent();
    assertThat(pool.session("quiet").end()).isTrue();

    assertThat(List.copyOf(dropped)).containsExactly("kept", "quiet");
  }

  @Test
  void aSessionOfBeforeARestartEndsWithItsState() {
    states.create("shop/test/old", "{\"count\":41}".getBytes(StandardCharsets.UTF_8));
    states.create("shop/other/old", "{}".getBytes(StandardCharsets.UTF_8));
    faulty.fail("get");
    assertThatExceptionOfType(PythonPoolException.class)
        .isThrownBy(() -> pool.session("old").end())
        .satisfies(e -> assertThat(e.type()).isEqualTo("session_store_failed"));
    faulty.heal();

    assertThat(pool.session("old").end()).isTrue();
    assertThat(pool.session("old").end()).isFalse();

    assertThat(states.list()).containsExactly("shop/other/old");
    assertThat(pool.sessions().list(10)).isEmpty();
    assertThat(SessionTest.add(pool.session("old"))).as("a new session").isEqualTo(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(60, TimeUnit.SECONDS)) {
        throw new AssertionError("not within a minute");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
