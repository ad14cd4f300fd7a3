// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.serpentry.api.CallTimeoutException;
import org.serpentry.api.ProtocolException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.WorkerCrashedException;

/** Every fault of the kit strikes at every moment it is made for, and the pool gets over it. */
@Tag("core-pool")
@Tag("layer-2")
class FaultKitTest {

  private static final Duration SHORT = Duration.ofMillis(300);

  private static TestPool pool;
  private Set<Integer> workers;
  private int mark;

  @BeforeAll
  static void start() {
    pool =
        TestPool.builder()
            .settings(
                c ->
                    c.cancelGrace(Duration.ofMillis(300))
                        .dumpGrace(Duration.ofMillis(50))
                        .termGrace(Duration.ofMillis(200))
                        .restartBackoffMin(Duration.ofMillis(1))
                        .restartBackoffMax(Duration.ofMillis(50))
                        .startTimeout(Duration.ofSeconds(5)))
            .start();
  }

  @AfterAll
  static void stop() {
    pool.close();
  }

  @BeforeEach
  void remember() {
    workers = pool.awaitWhole();
    mark = pool.watcher().mark();
  }

  @AfterEach
  void nothingIsLeftToStrike() {
    assertThat(pool.faults().pending()).isZero();
    pool.awaitWhole();
  }

  private static PythonFunction echo(String value) {
    return pool.function("serpentry_faults:answer").args(value);
  }

  private void killTheWorker() {
    Processes.signal("KILL", workers.iterator().next());
  }

  @ParameterizedTest
  @EnumSource(
      value = Moment.class,
      names = {"BEFORE_HELLO", "MID_HELLO", "AFTER_HANDSHAKE"})
  void aWorkerThatDiesAtItsBirthIsReplacedUnnoticed(Moment moment) {
    pool.faults().next(moment, Fault.exit(7));
    killTheWorker();
    assertThat(echo("served").call(String.class)).isEqualTo("served");
    assertThat(
            pool.watcher()
                .awaitAfter(mark, PoolWatcher.Exited.class, e -> e.how().contains("code 7"))
                .expected())
        .isFalse();
  }

  @Test
  void aWorkerThatGreetsWithGarbageIsReplacedUnnoticed() {
    pool.faults().next(Moment.BEFORE_HELLO, Fault.garbage(1000));
    killTheWorker();
    assertThat(echo("served").call(String.class)).isEqualTo("served");
  }

  @Test
  void aWorkerThatStartsSlowlyServesInTheEnd() {
    pool.faults().next(Moment.BEFORE_HELLO, Fault.delay(SHORT));
    killTheWorker();
    long begin = System.nanoTime();
    assertThat(echo("served").retries(3).call(String.class)).isEqualTo("served");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(SHORT);
  }

  @Test
  void aTemplateWhoseImportFailsIsTriedAgain() {
    pool.faults().next(Moment.IMPORT, Fault.importError("as ordered"));
    long launcher = pool.snapshot().launcherPid();
    Processes.signal("KILL", launcher);
    pool.watcher()
        .awaitAfter(
            mark,
            org.serpentry.spi.PoolListener.PoolEvent.class,
            e -> e.text().contains("as ordered"));
    pool.watcher().awaitReady(mark, 0);
  }

  @Test
  void aCallWhoseWorkerDiesWhileItReadsTheRequestIsRepeated() {
    long retries = pool.snapshot().calls().retries();
    pool.faults().next(Moment.READING_CALL, Fault.signal(9));
    assertThat(echo("served").call(String.class)).isEqualTo("served");
    assertThat(pool.snapshot().calls().retries()).isEqualTo(retries + 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Moment.class,
      names = {"BEFORE_REPLY", "MID_REPLY"})
  void aCallWhoseWorkerDiesBeforeItsReplyIsWholeFails(Moment moment) {
    PythonFunction call = pool.faults().answer(pool, "lost", moment, Fault.exit(5));
    assertThatExceptionOfType(WorkerCrashedException.class)
        .isThrownBy(() -> call.call(String.class))
        .satisfies(
            e -> {
              assertThat(e.exit()).hasToString("exit code 5");
              assertThat(e.isTransient()).isFalse();
            });
  }

  @Test
  void aReplyCountsThoughItsWorkerDiesAfterIt() {
    PythonFunction call = pool.faults().answer(pool, "kept", Moment.AFTER_REPLY, Fault.exit(5));
    assertThat(call.call(String.class)).isEqualTo("kept");
    pool.watcher().awaitExit(workers.iterator().next());
  }

  static Stream<Arguments> brokenReplies() {
    return Stream.of(
        Arguments.of(Moment.BEFORE_REPLY, Fault.garbage(100_000)),
        Arguments.of(Moment.BEFORE_REPLY, Fault.garbage(20)));
  }

  @ParameterizedTest
  @MethodSource("brokenReplies")
  void garbageInsteadOfAReplyIsAProtocolError(Moment moment, Fault fault) {
    PythonFunction call = pool.faults().answer(pool, "spoilt", moment, fault);
    assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> call.call(String.class));
    pool.watcher().awaitExit(workers.iterator().next());
  }

  static Stream<Arguments> silences() {
    return Stream.of(
        Arguments.of(Moment.BEFORE_REPLY, Fault.hang()),
        Arguments.of(Moment.MID_REPLY, Fault.hang()),
        Arguments.of(Moment.BEFORE_REPLY, Fault.stop()),
        Arguments.of(Moment.MID_REPLY, Fault.stop()),
        Arguments.of(Moment.READING_CALL, Fault.hang()),
        Arguments.of(Moment.BEFORE_REPLY, Fault.foreignReply()));
  }

  @ParameterizedTest
  @MethodSource("silences")
  void aCallWhoseReplyNeverComesEndsAtItsDeadlineAndItsWorkerIsReplaced(
      Moment moment, Fault fault) {
    pool.faults().next(moment, fault);
    assertThatExceptionOfType(CallTimeoutException.class)
        .isThrownBy(() -> echo("silence").timeout(SHORT).call());
    pool.watcher().awaitExit(workers.iterator().next());
  }

  @Test
  void aLateReplyReachesNobody() {
    PythonFunction late =
        pool.faults().answer(pool, "late", Moment.BEFORE_REPLY, Fault.delay(SHORT.plusMillis(100)));
    assertThatExceptionOfType(CallTimeoutException.class)
        .isThrownBy(() -> late.timeout(SHORT).call());
    assertThat(echo("mine").call(String.class)).isEqualTo("mine");
    assertThat(pool.awaitWhole()).isEqualTo(workers);
  }

  @Test
  void aSecondReplyReachesNobody() {
    PythonFunction twice =
        pool.faults().answer(pool, "once", Moment.BEFORE_REPLY, Fault.secondReply());
    assertThat(twice.call(String.class)).isEqualTo("once");
    assertThat(echo("mine").call(String.class)).isEqualTo("mine");
    assertThat(pool.awaitWhole()).isEqualTo(workers);
  }

  @Test
  void leakedMemoryStaysAndAFloodOfOutputPasses() {
    pool.faults().next(Moment.AFTER_REPLY, Fault.leak(10_000_000));
    echo("leaks").call();
    assertThat(pool.function("serpentry_faults:leak").args(1_000_000).call(Integer.class))
        .isEqualTo(11_000_000);
    assertThat(pool.function("serpentry_faults:flood").args(2_000_000).call(Integer.class))
        .isEqualTo(10_000);
    assertThat(pool.awaitWhole()).isEqualTo(workers);
  }

  @Test
  void aFaultIsRefusedAtAMomentThatItCannotStrike() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pool.faults().next(Moment.READING_CALL, Fault.garbage(10)))
        .withMessageContaining("garbage")
        .withMessageContaining("READING_CALL");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pool.faults().answer(pool, 1, Moment.MID_HELLO, Fault.hang()));
  }
}
