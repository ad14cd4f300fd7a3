// SPDX-License-Identifier: Apache-2.0
package org.serpentry.session;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.serpentry.api.SessionInfo;
import org.serpentry.spi.SessionEvent;

/**
 * The open sessions of one pool. Finding one costs a look into a map. Any thread may call; only
 * {@link #end} and {@link #sweep} may block, as long as {@code forget} does.
 */
public final class SessionTracker {

  /** So many failures of one sweep are kept. */
  private static final int CAUSES = 20;

  /** What has happened to sessions, counted. */
  static final class Counters {
    final LongAdder ended = new LongAdder();
    final LongAdder expired = new LongAdder();
    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder moved = new LongAdder();
    final LongAdder lost = new LongAdder();
  }

  private final Clock clock;
  private final LongSupplier nanoTime;
  private final Supplier<Duration> timeout;
  private final int limit;
  private final Consumer<String> forget;
  private final BiConsumer<Session, SessionEvent.Kind> events;
  private final Map<String, Session> sessions = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong serials = new AtomicLong();
  private final Counters counters = new Counters();

  /**
   * A tracker without sessions.
   *
   * @param clock stamps them
   * @param nanoTime measures time, as {@link System#nanoTime()}
   * @param timeout time since its last use after which one ends, asked for at each use and sweep
   * @param limit how many there may be
   * @param forget drops the state of a session that ends, by its id; when it throws, the session
   *     has not ended
   * @param events hears what happens to sessions, on the thread that causes it
   */
  public SessionTracker(
      Clock clock,
      LongSupplier nanoTime,
      Supplier<Duration> timeout,
      int limit,
      Consumer<String> forget,
      BiConsumer<Session, SessionEvent.Kind> events) {
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.timeout = timeout;
    this.limit = limit;
    this.forget = forget;
    this.events = events;
  }

  /**
   * Finds a session, or begins it.
   *
   * @param id its id
   * @return the session; null when there are as many as may be
   */
  public Session open(String id) {
    while (true) {
      Session session = sessions.get(id);
      if (session == null) {
        session = begin(id);
        if (session == null) {
          return null;
        }
      }
      long now = nanoTime.getAsLong();
      if (session.ended()) {
        drop(session);
      } else if (now - session.lastUse() < timeout.get().toNanos() || !expire(session)) {
        session.used(now); // One that expired before a sweep came by is followed by a new one.
        return session;
      }
    }
  }

  private Session begin(String id) {
    if (open.incrementAndGet() > limit) {
      open.decrementAndGet();
      return null;
    }
    Session fresh =
        new Session(serials.incrementAndGet(), id, clock.instant(), nanoTime.getAsLong());
    Session other = sessions.putIfAbsent(id, fresh);
    if (other != null) {
      open.decrementAndGet();
      return other;
    }
    events.accept(fresh, SessionEvent.Kind.STARTED);
    return fresh;
  }

  private void drop(Session session) {
    if (sessions.remove(session.id(), session)) {
      open.decrementAndGet();
    }
  }

  /**
   * Counts a call of a session.
   *
   * @param session the session
   */
  public void began(Session session) {
    session.counted();
  }

  /**
   * Notes that a call of a session ended: its time runs from now.
   *
   * @param session the session
   */
  public void used(Session session) {
    session.used(nanoTime.getAsLong());
  }

  /**
   * Counts where a call runs.
   *
   * @param hit whether on its session's worker
   */
  public void ran(boolean hit) {
    (hit ? counters.hits : counters.misses).increment();
  }

  /**
   * A session has changed its worker.
   *
   * @param session the session
   */
  public void moved(Session session) {
    counters.moved.increment();
    events.accept(session, SessionEvent.Kind.MOVED);
  }

  /**
   * A worker has gone, on which a session lived.
   *
   * @param session the session
   * @param gone the worker
   */
  public void homeGone(Session session, Home gone) {
    if (session.homeGone(gone)) {
      counters.lost.increment();
      events.accept(session, SessionEvent.Kind.LOST);
    }
  }

  /**
   * Ends a session.
   *
   * @param id its id
   * @return whether there was one
   */
  public boolean end(String id) {
    Session session = sessions.get(id);
    if (session == null || !session.end(true, () -> forget.accept(id))) {
      return false;
    }
    drop(session);
    counters.ended.increment();
    events.accept(session, SessionEvent.Kind.ENDED);
    return true;
  }

  private boolean expire(Session session) {
    if (!session.end(false, () -> forget.accept(session.id()))) {
      return false;
    }
    drop(session);
    counters.expired.increment();
    events.accept(session, SessionEvent.Kind.EXPIRED);
    return true;
  }

  /**
   * Ends the sessions that nobody has used for too long. One with a running call is in use. One
   * whose state cannot be dropped goes on, and keeps none of the others.
   *
   * @return how many
   * @throws RuntimeException what {@code forget} threw first, with some of what it threw then
   */
  public int sweep() {
    long now = nanoTime.getAsLong();
    long most = timeout.get().toNanos();
    int count = 0;
    RuntimeException failure = null;
    for (Session session : sessions.values()) {
      try {
        if (now - session.lastUse() >= most && expire(session)) {
          count++;
        }
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else if (failure != e && failure.getSuppressed().length < CAUSES) {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    return count;
  }

  /**
   * How many sessions are open.
   *
   * @return the number
   */
  public int size() {
    return open.get();
  }

  /**
   * Looks at a session without using it.
   *
   * @param id its id
   * @return the session, or empty
   */
  public Optional<Session> find(String id) {
    return Optional.ofNullable(sessions.get(id)).filter(session -> !session.ended());
  }

  /**
   * What is known about a session.
   *
   * @param session the session
   * @return it as it is now
   */
  public SessionInfo info(Session session) {
    Instant last = clock.instant().minusNanos(nanoTime.getAsLong() - session.lastUse());
    return session.info(last);
  }

  /**
   * What is known about each session, those of the last use first.
   *
   * @param most how many at most
   * @return some of them or all
   */
  public List<SessionInfo> list(int most) {
    List<SessionInfo> all = new ArrayList<>(sessions.size());
    sessions.values().forEach(session -> all.add(info(session)));
    all.sort(Comparator.comparing(SessionInfo::lastActivity).reversed());
    return List.copyOf(all.subList(0, Math.min(most, all.size())));
  }

  /**
   * Counts.
   *
   * @param mode of the pool
   * @param bySlot how many sessions live on each slot's worker
   * @param store what the store says of itself
   * @return the statistics
   */
  public SessionStatistics statistics(
      String mode, Map<Integer, Integer> bySlot, org.serpentry.spi.SessionStore.Statistics store) {
    return new SessionStatistics(
        mode,
        open.get(),
        bySlot.values().stream().mapToInt(Integer::intValue).sum(),
        serials.get(),
        counters.ended.sum(),
        counters.expired.sum(),
        counters.hits.sum(),
        counters.misses.sum(),
        counters.moved.sum(),
        counters.lost.sum(),
        bySlot,
        store);
  }
}
