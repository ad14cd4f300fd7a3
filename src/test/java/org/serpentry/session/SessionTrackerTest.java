// SPDX-License-Identifier: Apache-2.0
package org.serpentry.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.serpentry.api.SessionInfo;
import org.serpentry.original.Original;
import org.serpentry.spi.SessionStore;

/** Sessions without workers: turns, homes, ends. */
@Original("session_affinity")
@Tag("core-pool")
@Tag("layer-1")
class SessionTrackerTest {

  private static final Duration TIMEOUT = Duration.ofMinutes(5);
  private static final SessionStore.Statistics EMPTY =
      new SessionStore.Statistics(0, 0, 0, 0, 0, 0);

  private final AtomicLong now = new AtomicLong();
  private final Queue<String> forgotten = new ConcurrentLinkedQueue<>();
  private final Queue<String> events = new ConcurrentLinkedQueue<>();
  private final SessionTracker tracker = tracker(100_000);

  private SessionTracker tracker(int limit) {
    return new SessionTracker(
        Clock.systemUTC(),
        now::get,
        () -> TIMEOUT,
        limit,
        forgotten::add,
        (session, kind) -> events.add(session.id() + " " + kind));
  }

  /** A worker that knows who lives there. */
  private static final class Place implements Home {
    private final int slot;
    private final Set<Session> residents = ConcurrentHashMap.newKeySet();

    Place(int slot) {
      this.slot = slot;
    }

    @Override
    public int slot() {
      return slot;
    }

    @Override
    public void moveIn(Session session) {
      assertThat(residents.add(session)).isTrue();
    }

    @Override
    public void moveOut(Session session) {
      assertThat(residents.remove(session)).isTrue();
    }
  }

  private static final Claim NEVER =
      () -> {
        throw new AssertionError("granted");
      };

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void aSessionIsFoundUntilItHasNotBeenUsedForItsTime() {
    Session session = tracker.open("s");
    pass(TIMEOUT.minusNanos(1));
    assertThat(tracker.open("s")).isSameAs(session);
    pass(TIMEOUT.minusNanos(1));
    tracker.used(session);
    pass(TIMEOUT.minusNanos(1));
    assertThat(tracker.sweep()).isZero();
    assertThat(tracker.find("s")).contains(session);

    pass(Duration.ofNanos(1));

    assertThat(tracker.sweep()).isEqualTo(1);
    assertThat(tracker.find("s")).isEmpty();
    assertThat(forgotten).containsExactly("s");
    assertThat(events).containsExactly("s STARTED", "s EXPIRED");
    assertThat(tracker.statistics("hint", Map.of(), EMPTY).expired()).isEqualTo(1);
  }

  @Test
  void anExpiredSessionIsFollowedByANewOneBeforeTheSweep() {
    Session first = tracker.open("s");
    pass(TIMEOUT);

    Session second = tracker.open("s");

    assertThat(second.serial()).isNotEqualTo(first.serial());
    assertThat(first.ended()).isTrue();
    assertThat(forgotten).containsExactly("s");
  }

  @Test
  void aSessionThatCannotEndKeepsNoneOfTheOthers() {
    Set<String> stuck = ConcurrentHashMap.newKeySet();
    stuck.addAll(List.of("b", "d"));
    SessionTracker some =
        new SessionTracker(
            Clock.systemUTC(),
            now::get,
            () -> TIMEOUT,
            10,
            id -> {
              if (stuck.contains(id)) {
                throw new IllegalStateException("no room to forget " + id);
              }
            },
            (session, kind) -> {});
    List.of("a", "b", "c", "d", "e").forEach(some::open);
    pass(TIMEOUT);

    assertThatThrownBy(some::sweep)
        .hasMessageContaining("no room to forget")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));

    assertThat(some.list(10)).extracting(SessionInfo::id).containsExactlyInAnyOrder("b", "d");
    assertThatThrownBy(() -> some.end("b")).hasMessageContaining("no room to forget b");
    assertThat(some.find("b")).as("it has not ended").isPresent();
    stuck.clear();
    assertThat(some.end("b")).isTrue();
    assertThat(some.sweep()).isEqualTo(1);
    assertThat(some.size()).isZero();
  }

  @Test
  void aLookAtASessionDoesNotWaitForWhatIsDoneToIt() throws Exception {
    Session session = tracker.open("s");
    CountDownLatch storing = new CountDownLatch(1);
    CountDownLatch stored = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<?> slow =
          threads.submit(
              () ->
                  session.unlessEnded(
                      () -> {
                        storing.countDown();
                        return await(stored);
                      }));
      storing.await();

      assertThat(threads.submit(() -> tracker.list(10)).get(60, TimeUnit.SECONDS)).hasSize(1);

      stored.countDown();
      slow.get();
    } finally {
      stored.countDown();
      threads.shutdownNow();
    }
  }

  private static boolean await(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aSessionWithARunningCallDoesNotExpire() {
    Session session = tracker.open("s");
    assertThat(session.enter(NEVER)).isTrue();
    pass(TIMEOUT.multipliedBy(2));

    assertThat(tracker.sweep()).isZero();
    assertThat(tracker.open("s")).isSameAs(session);
    session.leave();
    pass(TIMEOUT);
    assertThat(tracker.sweep()).isEqualTo(1);
  }

  @Test
  void turnsAreGrantedInTheOrderOfTheirAsking() {
    Session session = tracker.open("s");
    List<Integer> granted = new ArrayList<>();
    assertThat(session.enter(NEVER)).isTrue();
    List<Claim> claims = IntStream.range(0, 4).<Claim>mapToObj(i -> () -> granted.add(i)).toList();
    claims.forEach(claim -> assertThat(session.enter(claim)).isFalse());
    assertThat(session.withdraw(claims.get(1))).isTrue();
    assertThat(tracker.info(session).waiting()).isEqualTo(3);

    session.leave();
    assertThat(session.withdraw(claims.get(0))).as("granted").isFalse();
    session.leave();
    session.leave();
    session.leave();

    assertThat(granted).containsExactly(0, 2, 3);
    assertThat(session.enter(NEVER)).as("nobody is left").isTrue();
  }

  @Test
  void endingGoesAheadOfARunningCallWhoseChangesThenDoNotCount() {
    Session session = tracker.open("s");
    session.enter(NEVER);
    session.moveTo(new Place(0));

    assertThat(tracker.end("s")).isTrue();

    assertThat(session.unlessEnded(() -> true)).isFalse();
    Place late = new Place(1);
    session.moveTo(late);
    assertThat(late.residents).as("an ended session lives nowhere").isEmpty();
    assertThat(tracker.end("s")).isFalse();
    assertThat(tracker.open("s")).isNotSameAs(session);
  }

  @Test
  void homesKnowTheirSessionsAndTheirLoss() {
    Place place = new Place(3);
    Session one = tracker.open("one");
    Session two = tracker.open("two");
    assertThat(one.moveTo(place)).isNull();
    two.moveTo(place);
    two.keepsLocal(true);
    one.copied(place, 4);
    assertThat(one.currentOn(place, 4)).isTrue();
    assertThat(one.currentOn(place, 5)).isFalse();
    assertThat(one.currentOn(new Place(3), 4)).isFalse();

    Place elsewhere = new Place(4);
    assertThat(one.moveTo(elsewhere)).isSameAs(place);
    tracker.homeGone(one, place);
    tracker.homeGone(two, place);

    assertThat(one.home()).isSameAs(elsewhere);
    assertThat(two.home()).isNull();
    assertThat(two.lost()).isTrue();
    assertThat(one.lost()).isFalse();
    assertThat(place.residents).isEmpty();
    assertThat(events).containsExactly("one STARTED", "two STARTED", "two LOST");
  }

  @Test
  void noMoreOpenThanTheLimitWhoeverComes() throws Exception {
    SessionTracker small = tracker(10);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Integer>> opened =
          IntStream.range(0, 8)
              .mapToObj(
                  thread ->
                      threads.submit(
                          () ->
                              (int)
                                  IntStream.range(0, 100)
                                      .filter(i -> small.open(thread + "-" + i) != null)
                                      .count()))
              .toList();
      int sum = 0;
      for (Future<Integer> count : opened) {
        sum += count.get();
      }
      assertThat(sum).isEqualTo(10);
      assertThat(small.size()).isEqualTo(10);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void listsThoseUsedLastFirst() {
    for (String id : List.of("a", "b", "c")) {
      tracker.open(id);
      pass(Duration.ofSeconds(1));
    }
    tracker.open("a");

    assertThat(tracker.list(2)).extracting(SessionInfo::id).containsExactly("a", "c");
  }

  /** The figure of the original's acceptance: no update lost and nothing left over. */
  @Test
  void tenThousandSessionsWithFiftyThreadsLoseNoUpdateAndLeaveNothing() throws Exception {
    int sessions = 10_000;
    int threads = 50;
    int rounds = 4_000;
    SessionStore store = new MemorySessionStore(now::get, TIMEOUT, 1L << 30);
    SessionTracker many =
        new SessionTracker(
            Clock.systemUTC(), now::get, () -> TIMEOUT, sessions, store::delete, (s, k) -> {});
    Place[] places = IntStream.range(0, 4).mapToObj(Place::new).toArray(Place[]::new);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> work = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int first = thread;
        work.add(
            pool.submit(
                () -> {
                  for (int round = 0; round < rounds; round++) {
                    // Half of the calls go to ten sessions, where they meet.
                    int number =
                        round % 2 == 0
                            ? ThreadLocalRandom.current().nextInt(10)
                            : (first * rounds + round) % sessions;
                    increment(many, store, "s" + number, places);
                  }
                }));
      }
      for (int number = 0; number < sessions; number++) {
        increment(many, store, "s" + number, places);
      }
      for (Future<?> one : work) {
        one.get();
      }
    } finally {
      pool.shutdownNow();
    }
    long sum =
        store.list().stream()
            .mapToLong(
                id ->
                    Long.parseLong(
                        new String(
                            store.get(id).orElseThrow().state(),
                            java.nio.charset.StandardCharsets.UTF_8)))
            .sum();
    assertThat(sum).isEqualTo((long) threads * rounds + sessions);
    assertThat(many.size()).isEqualTo(sessions);
    assertThat(many.list(sessions).stream().mapToLong(SessionInfo::operations).sum())
        .isEqualTo(sum);
    assertThat(store.statistics().conflicts()).isZero();

    for (int number = 0; number < sessions; number += 2) {
      assertThat(many.end("s" + number)).isTrue();
    }
    pass(TIMEOUT);
    assertThat(many.sweep()).isEqualTo(sessions / 2);

    assertThat(many.size()).isZero();
    assertThat(many.list(10)).isEmpty();
    assertThat(store.statistics().sessions()).isZero();
    assertThat(store.statistics().bytes()).isZero();
    assertThat(places).allSatisfy(place -> assertThat(place.residents).isEmpty());
  }

  private static void increment(
      SessionTracker tracker, SessionStore store, String id, Place[] places) {
    Session session = tracker.open(id);
    CountDownLatch granted = new CountDownLatch(1);
    if (!session.enter(granted::countDown)) {
      try {
        granted.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    tracker.began(session);
    session.moveTo(places[ThreadLocalRandom.current().nextInt(places.length)]);
    SessionStore.Entry entry = store.get(id).orElse(null);
    long before =
        entry == null
            ? 0
            : Long.parseLong(new String(entry.state(), java.nio.charset.StandardCharsets.UTF_8));
    byte[] after = Long.toString(before + 1).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    boolean stored =
        session.unlessEnded(() -> store.replace(id, entry == null ? 0 : entry.version(), after));
    tracker.used(session);
    session.leave();
    assertThat(stored).isTrue();
  }
}
