// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.serpentry.api.PythonSession;
import org.serpentry.config.SessionConfigBuilder;
import org.serpentry.config.SessionMode;
import org.serpentry.spi.SessionEvent;
import org.serpentry.spi.SessionEvent.Kind;
import org.serpentry.testing.TestPool;
import org.serpentry.testing.VirtualClock;
import org.serpentry.worker.Launcher;

/** Sessions end when nobody uses them: on a real pool, in a time that the test drives. */
@Tag("core-pool")
@Tag("layer-3")
class SessionExpiryTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);
  private static final Duration SWEEP = Duration.ofMinutes(1);
  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

  @TempDir private Path directory;

  private final VirtualClock clock = VirtualClock.at(Instant.EPOCH);
  private TestPool pool;

  private void start(Consumer<SessionConfigBuilder> sessions) {
    pool =
        TestPool.builder()
            .modules(TestPools.MODULES)
            .clock(clock)
            // An hour that passes at once is no hour without an answer.
            .parts(builder -> builder.launcherWatch(new Launcher.Watch(DAY_MILLIS, DAY_MILLIS)))
            .settings(
                c ->
                    c.healthCheckInterval(Duration.ZERO)
                        .operationTimeout(Duration.ofDays(1))
                        .checkoutTimeout(Duration.ofDays(1))
                        .sessions(s -> sessions.accept(s.timeout(TIMEOUT).sweep(SWEEP))))
            .start();
  }

  @AfterEach
  void close() {
    if (pool != null) {
      // Its worker is told what it may forget; a pool that stands still would wait for the answer.
      pool.function("conversing:copies").call(int.class);
      pool.close();
    }
  }

  private PythonSession session(String id) {
    return pool.pool().session(id);
  }

  /** What a call has told the control thread to do has been done. */
  private void awaitScheduled() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    pool.pool().context().reactor().execute(() -> done.complete(null));
    assertThat(done).succeedsWithin(60, TimeUnit.SECONDS);
  }

  private void pass(Duration time) {
    awaitScheduled();
    clock.advance(time);
  }

  private void await(int mark, Kind kind, String id) {
    pool.watcher()
        .awaitAfter(mark, SessionEvent.class, e -> e.kind() == kind && e.session().equals(id));
  }

  @Test
  void theSweepEndsWhatNobodyHasUsedAndDropsItsState() {
    start(s -> {});
    int mark = pool.watcher().mark();
    SessionTest.add(session("left"));
    SessionTest.add(session("used"));
    pass(TIMEOUT.minusSeconds(1));
    assertThat(SessionTest.add(session("used"))).isEqualTo(2);
    assertThat(session("left").info()).isPresent();

    // The sweep that was due in that time may have been going on at its end; a later one comes.
    awaitNextSweep();
    pass(SWEEP.plusSeconds(1));

    await(mark, Kind.EXPIRED, "left");
    assertThat(session("left").info()).isEmpty();
    assertThat(session("used").info()).isPresent();
    assertThat(pool.pool().sessions().store().list()).containsExactly("used");
    assertThat(pool.pool().sessions().statistics().expired()).isEqualTo(1);
    assertThat(pool.pool().sessions().statistics().open()).isEqualTo(1);
  }

  /** The sweep runs on a thread of its own and then asks for the next one. */
  private void awaitNextSweep() {
    CompletableFuture<Void> swept = new CompletableFuture<>();
    pool.pool().context().chores().execute(() -> swept.complete(null));
    assertThat(swept).succeedsWithin(60, TimeUnit.SECONDS);
  }

  @Test
  void aCallFindsOutByItselfBeforeAnySweep() {
    start(s -> s.sweep(Duration.ofDays(1)));
    int mark = pool.watcher().mark();
    assertThat(SessionTest.add(session("s"))).isEqualTo(1);
    pass(TIMEOUT.minusSeconds(1));
    assertThat(SessionTest.add(session("s"))).as("its time runs from its last use").isEqualTo(2);
    pass(TIMEOUT.minusSeconds(1));
    assertThat(SessionTest.add(session("s"))).isEqualTo(3);

    pass(TIMEOUT);

    assertThat(SessionTest.add(session("s"))).as("a new session of its id").isEqualTo(1);
    await(mark, Kind.EXPIRED, "s");
    assertThat(pool.watcher().all(SessionEvent.class))
        .extracting(SessionEvent::kind)
        .containsExactly(Kind.STARTED, Kind.EXPIRED, Kind.STARTED);
  }

  @Test
  void aTimeoutThatIsChangedHoldsForTheNextUseAndTheNextSweep() {
    start(s -> s.sweep(Duration.ofDays(1)));
    SessionTest.add(session("used"));
    SessionTest.add(session("left"));
    pool.pool().operator().change("session-timeout", "10m", "test");
    pass(TIMEOUT.plusSeconds(1));
    assertThat(pool.pool().sessions().sweep()).isZero();
    assertThat(SessionTest.add(session("used"))).as("it goes on").isEqualTo(2);

    pool.pool().operator().change("session-timeout", "1m", "test");

    assertThat(pool.pool().sessions().sweep()).isEqualTo(1);
    assertThat(session("left").info()).isEmpty();
    pass(Duration.ofMinutes(1));
    assertThat(SessionTest.add(session("used"))).as("a new session of its id").isEqualTo(1);
  }

  @Test
  void aSessionWithARunningCallIsInUse() throws IOException {
    start(s -> s.sweep(Duration.ofDays(1)));
    PythonSession session = session("s");
    SessionTest.add(session);
    Path gate = Files.createFile(directory.resolve("gate"));
    CompletableFuture<Integer> running =
        session
            .function("conversing:put_and_wait")
            .arg("name", "text")
            .arg("path", gate.toString())
            .callAsync(int.class);
    pass(TIMEOUT.multipliedBy(2));

    assertThat(pool.pool().sessions().sweep()).isZero();

    Files.delete(gate);
    assertThat(running).succeedsWithin(60, TimeUnit.SECONDS);
    SessionTest.look(session); // Which waits for the end of the turn before.
    pass(TIMEOUT);
    assertThat(pool.pool().sessions().sweep()).isEqualTo(1);
  }

  @Test
  void aStateThatNobodyUsedForItsTimeIsDroppedWhileItsSessionGoesOn() {
    start(s -> s.timeout(Duration.ofHours(2)).storeTtl(Duration.ofHours(1)));
    SessionTest.add(session("s"));
    pass(Duration.ofMinutes(90));

    assertThat(SessionTest.add(session("s"))).as("of a state that begins anew").isEqualTo(1);
    assertThat(pool.watcher().all(SessionEvent.class))
        .extracting(SessionEvent::kind)
        .containsExactly(Kind.STARTED);
    assertThat(pool.pool().sessions().statistics().store().expired()).isEqualTo(1);
  }

  @Test
  void whatIsOnlyTrackedExpiresToo() {
    start(s -> s.mode(SessionMode.NONE).sweep(Duration.ofDays(1)));
    SessionTest.add(session("s"));
    pass(TIMEOUT);

    assertThat(pool.pool().sessions().sweep()).isEqualTo(1);

    assertThat(pool.pool().sessions().list(10)).isEqualTo(List.of());
  }
}
