// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.serpentry.config.PoolConfigBuilder;
import org.serpentry.pool.CloseWatch;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.testing.Processes;
import org.serpentry.testing.TestPool;

/**
 * A pool under load from many threads while a seeded adversary strikes at its processes: nobody
 * gets another's answer, every call ends in time, in a value or in a typed failure, and afterwards
 * the pool is what it was. {@code chaos.seconds} and {@code chaos.seed} choose the run; the seed is
 * printed, and with it the same schedule comes again.
 */
@Tag("chaos")
class ChaosTest {

  /** Of each worker, in bytes; a bomb is twice as large. */
  static final int MAX_DATA = 256 << 20;

  private static final int SIZE = 4;
  private static final int MAX_SIZE = 6;

  /** The launcher and the template. */
  private static final int HELPERS = 2;

  private static final long SECONDS = Long.getLong("chaos.seconds", 10);
  private static final long SEED = Long.getLong("chaos.seed", System.nanoTime() & 0xffffff);
  private static final int SYNCHRONOUS = Integer.getInteger("chaos.threads", 6);
  private static final int ASYNCHRONOUS = 2;
  private static final int SESSIONS = 2;
  private static final int LOOKS = 100;
  private static final long LOOK_MILLIS = 200;
  private static final Path DIRECTORY = Path.of("target", "chaos");

  /**
   * Far fewer than come about, so that a busy machine does not fail: the pool must be up mostly.
   */
  private static final long LEAST_PER_SECOND = 30;

  private static PoolConfigBuilder settings(PoolConfigBuilder config, int places, Segments in) {
    return config
        .attachments(
            a ->
                a.attachmentThreshold(Contents.THRESHOLD)
                    .sharedMemory(Contents.BUDGET)
                    .sharedMemoryDirectory(in.directory()))
        .maxSize(MAX_SIZE)
        .idleTimeout(Duration.ofSeconds(1))
        .startTimeout(Duration.ofSeconds(5))
        .checkoutTimeout(Callers.CHECKOUT)
        .operationTimeout(Duration.ofSeconds(1))
        .retryDelay(Duration.ofMillis(10))
        .resilience(
            r -> r.supervisorRestarts(0)) // It strikes more often than any pool should bear.
        .healthCheckInterval(Duration.ofMillis(500))
        .restartBackoffMin(Duration.ofMillis(10))
        .restartBackoffMax(Duration.ofMillis(500))
        .cancelGrace(Duration.ofMillis(200))
        .dumpGrace(Duration.ofMillis(50))
        .termGrace(Duration.ofMillis(200))
        .maxData(MAX_DATA)
        .life(
            life ->
                life.callsPerWorker(places)
                    .maxRequests(3_000L * places)
                    .maxAge(Duration.ofSeconds(8))
                    .maxRss(64L << 20)
                    .memoryCheckInterval(Duration.ofMillis(500))
                    .healthCheckTimeout(Duration.ofMillis(500))
                    // Opens now and then, but leaves most of the time to the other faults.
                    .crashLimit(30)
                    .crashWindow(Duration.ofSeconds(10))
                    .crashPause(Duration.ofMillis(500)));
  }

  private static TestPool start(EventCounts events, int places, Segments segments) {
    return TestPool.builder()
        .size(SIZE)
        .rememberCalls(false)
        .settings(config -> settings(config, places, segments))
        .parts(builder -> CloseWatch.on(builder.listener(events)))
        .start();
  }

  /** What the JDK and this class need once is not to be counted as left behind. */
  private static Census warmedUp(int places, Segments segments) throws Exception {
    try (TestPool pool = start(new EventCounts(), places, segments)) {
      Callers callers = new Callers(pool, new Tally(), SEED, places, false);
      pool.awaitWhole();
      segments.use(pool);
      callers.start(SYNCHRONOUS, ASYNCHRONOUS);
      Processes.signal("KILL", pool.pid(0));
      callers.stop();
    }
    return Census.take();
  }

  /**
   * The whole pool, without the workers that a reload has replaced: they are still leaving, and
   * their connections are closed some time after their end.
   */
  private static Census alone(TestPool pool) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    Census before = null;
    Census now = Census.take();
    for (int look = 0;
        look < LOOKS
            && (now.processes() != SIZE + HELPERS
                || before == null
                || !now.against(before).isEmpty());
        look++) {
      if (never.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("nobody counts this down");
      }
      pool.awaitWhole();
      before = now;
      now = Census.take();
    }
    return now;
  }

  /** A worker that is just being recycled stands beside its replacement for a moment. */
  private static Census settled(TestPool pool, Census whole) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    Census now = Census.take();
    for (int look = 0; look < LOOKS && !now.against(whole).isEmpty(); look++) {
      if (never.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("nobody counts this down");
      }
      pool.awaitWhole();
      now = Census.take();
    }
    return now;
  }

  @ParameterizedTest(name = "calls-per-worker {0}")
  @ValueSource(ints = {1, 8})
  void nothingIsLostOrMisdeliveredAndThePoolIsWholeAgainWhateverStrikesIt(int places)
      throws Exception {
    Schedule schedule = Schedule.of(SEED, SECONDS);
    Path file = schedule.write(DIRECTORY);
    System.out.printf(
        "chaos: %d s with -Dchaos.seed=%d, calls-per-worker %d, schedule in %s%n",
        SECONDS, SEED, places, file.toAbsolutePath());
    Segments segments = Segments.begin();
    Census idle = warmedUp(places, segments);
    Tally tally = new Tally();
    EventCounts events = new EventCounts();
    Report report;
    Census whole;
    Census wholeAgain;
    PoolSnapshot last;
    Set<Integer> workers;
    Adversary adversary;
    Callers callers;
    SessionCallers counting;
    try (TestPool pool = start(events, places, segments)) {
      pool.pool().control().reloadCode().join(); // starts the thread that reads files
      pool.awaitWhole();
      whole = alone(pool);
      callers = new Callers(pool, tally, SEED, places, true);
      adversary = new Adversary(pool, events, callers);
      counting = new SessionCallers(pool, SESSIONS, false);
      callers.start(SYNCHRONOUS, ASYNCHRONOUS);
      counting.start();
      adversary.run(schedule, SECONDS);
      segments.look();
      callers.stop();
      counting.stop();
      assertThat(adversary.reloads()).doesNotContainKey(Adversary.NEVER);
      workers = pool.awaitWhole();
      wholeAgain = settled(pool, whole);
      last = pool.snapshot();
    }
    Census after = Census.take();
    report =
        new Report(tally, events, adversary, last)
            .note("before the pool", idle)
            .note("the pool whole", whole)
            .note("whole again", wholeAgain)
            .note("after the pool", after)
            .note("segments at most", segments.most())
            .note("counted", counting);
    Files.writeString(
        DIRECTORY.resolve("report-%d-%d.txt".formatted(SEED, places)), report.toString());
    System.out.println(report);

    assertThat(callers.stuck()).as("callers that never returned").isEmpty();
    assertThat(counting.wrong()).as("%s", counting).isEmpty();
    assertThat(counting.successes()).as("%s", counting).allMatch(count -> count > 0);
    assertThat(tally.misdelivered()).as("misdelivered: %s", tally.examples()).isZero();
    assertThat(tally.lost()).as("lost: %s %s", tally.pending(), tally.examples()).isZero();
    assertThat(tally.untyped()).as("untyped: %s", tally.examples()).isZero();
    assertThat(tally.successes()).isGreaterThan(LEAST_PER_SECOND * SECONDS);
    assertThat(workers).as("workers at the end").hasSize(SIZE);
    assertThat(wholeAgain.against(whole)).as("left behind in the whole pool").isEmpty();
    assertThat(after.against(idle)).as("left behind after the pool").isEmpty();
    assertThat(segments.most()).as("segments seen").isPositive();
    assertThat(segments.left()).as("segments left behind").isEmpty();
    for (long launcher : adversary.launchers()) {
      assertThat(Processes.ofSession(launcher)).as("of launcher %d", launcher).isEmpty();
    }
  }
}
