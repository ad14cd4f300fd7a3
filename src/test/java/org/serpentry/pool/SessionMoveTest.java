// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.PythonSession;
import org.serpentry.config.PoolConfig;
import org.serpentry.original.Original;
import org.serpentry.pool.SessionMove.Status;

/** What becomes of a session that is moved, on real workers. */
@Original("migrator")
@Tag("core-pool")
@Tag("layer-3")
class SessionMoveTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path directory;

  private static PoolConfig config(Duration moveTimeout) {
    return TestPools.config().size(2).maxSize(2).sessions(s -> s.moveTimeout(moveTimeout)).build();
  }

  private static int pid(PythonSession session) {
    return SessionTest.look(session).pid();
  }

  private static int slot(PythonSession session) {
    return session.info().orElseThrow().slot();
  }

  private static Status end(SessionMove move) {
    return move.end().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  /** A call of the session that runs until the file is deleted. */
  private static CompletableFuture<Integer> occupy(
      WorkerPool pool, PythonSession session, Path file) throws IOException {
    Files.createFile(file);
    CompletableFuture<Integer> call =
        session.function("conversing:wait").arg("path", file.toString()).callAsync(int.class);
    await(
        "the call runs",
        () -> pool.control().snapshot().workers().stream().anyMatch(w -> w.requestId() != 0));
    return call;
  }

  @Test
  void aMoveTakesTheStateAlongAndCanBeRolledBack() {
    try (WorkerPool pool = TestPools.start(config(PATIENCE))) {
      PythonSession session = pool.session("s");
      SessionTest.add(session);
      int home = pid(session);
      int slot = slot(session);

      SessionMove move = pool.sessions().move("s", 1 - slot);
      assertThat(end(move)).isEqualTo(Status.DONE);
      assertThat(pid(session)).isNotEqualTo(home);
      assertThat(SessionTest.add(session)).isEqualTo(2);

      assertThat(end(pool.sessions().rollBack(move))).isEqualTo(Status.DONE);
      assertThat(pid(session)).isEqualTo(home);
      assertThat(SessionTest.add(session)).isEqualTo(3);
      await("the mark", () -> move.status() == Status.ROLLED_BACK);
      assertThatIllegalStateException().isThrownBy(() -> pool.sessions().rollBack(move));
    }
  }

  @Test
  void aMoveToWhereItLivesOrOfNoSessionIsRefused() {
    try (WorkerPool pool = TestPools.start(config(PATIENCE))) {
      PythonSession session = pool.session("s");
      SessionTest.add(session);
      int slot = slot(session);

      assertThatIllegalArgumentException()
          .isThrownBy(() -> pool.sessions().move("s", slot))
          .withMessageContaining("already");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pool.sessions().move("nobody", 0))
          .withMessageContaining("no session");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pool.sessions().move("s", 7))
          .withMessageContaining("no worker in slot 7");
    }
  }

  @Test
  void aMoveThatWaitsCanBeCancelledAndTheSessionStays() throws IOException {
    try (WorkerPool pool = TestPools.start(config(PATIENCE))) {
      PythonSession session = pool.session("s");
      SessionTest.add(session);
      int home = pid(session);
      int slot = slot(session);
      Path file = directory.resolve("busy");
      CompletableFuture<Integer> busy = occupy(pool, session, file);
      SessionMove move = pool.sessions().move("s", 1 - slot);
      assertThat(move.status()).isEqualTo(Status.WAITING);
      assertThatIllegalStateException()
          .isThrownBy(() -> pool.sessions().move("s", 1 - slot))
          .withMessageContaining("is being moved");

      assertThat(move.cancel()).isTrue();

      assertThat(end(move)).isEqualTo(Status.CANCELLED);
      Files.delete(file);
      assertThat(busy.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join()).isEqualTo(home);
      assertThat(pid(session)).isEqualTo(home);
      assertThat(SessionTest.add(session)).isEqualTo(2);
    }
  }

  @Test
  void aMoveThatTakesTooLongFailsAndTheSessionStays() throws IOException {
    try (WorkerPool pool = TestPools.start(config(Duration.ofMillis(50)))) {
      PythonSession session = pool.session("s");
      SessionTest.add(session);
      int home = pid(session);
      int slot = slot(session);
      Path file = directory.resolve("busy");
      CompletableFuture<Integer> busy = occupy(pool, session, file);

      SessionMove move = pool.sessions().move("s", 1 - slot);

      assertThat(end(move)).isEqualTo(Status.FAILED);
      assertThat(move.reason()).isNotEmpty();
      Files.delete(file);
      assertThat(busy.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join()).isEqualTo(home);
      assertThat(pid(session)).isEqualTo(home);
    }
  }
}
