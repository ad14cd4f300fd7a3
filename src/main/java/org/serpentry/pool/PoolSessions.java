// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.serpentry.api.SessionInfo;
import org.serpentry.api.SessionLimitException;
import org.serpentry.config.SessionConfig;
import org.serpentry.config.SessionMode;
import org.serpentry.session.MemorySessionStore;
import org.serpentry.session.Session;
import org.serpentry.session.SessionStatistics;
import org.serpentry.session.SessionTracker;
import org.serpentry.spi.SessionEvent;
import org.serpentry.spi.SessionStore;
import org.serpentry.spi.SessionStore.Entry;

/**
 * The sessions of one pool: looks at them, ends them and moves them. Any thread may call. What
 * touches a session store that blocks may block.
 */
public final class PoolSessions {

  private final WorkerPool pool;
  private final SessionConfig config;
  private final boolean tracksOnly;
  private final boolean strict;
  private final boolean failsFast;
  private final int mostState;
  private final Duration budget;
  private final SessionStore store;
  private final String prefix;
  private final boolean storeBlocks;
  private final SessionTracker tracker;
  private final SessionHomes homes;
  private final SessionFailures failures;
  private final SessionMoves moves;
  private final SessionEnds ends;
  private final SessionSweep sweep;
  private final StoreFigures figures;

  PoolSessions(WorkerPool pool, SessionSetup setup) {
    PoolContext context = pool.context();
    this.pool = pool;
    this.config = context.config().sessions();
    this.tracksOnly = config.mode() == SessionMode.NONE;
    this.strict = config.mode() == SessionMode.STRICT;
    this.failsFast = strict && !config.strictWait();
    this.budget = context.config().resilience().timeoutBudget();
    this.mostState = (int) config.stateSize();
    this.prefix = setup.prefix();
    this.store =
        setup.store() != null
            ? setup.store()
            : new MemorySessionStore(context.nanoTime(), config.storeTtl(), config.storeSize());
    this.storeBlocks = store.blocks();
    this.figures = new StoreFigures(context, store, storeBlocks);
    this.failures = new SessionFailures(context.config().name(), config, pool.failures());
    this.ends = new SessionEnds(context.config().name(), store, prefix, failures);
    this.tracker =
        new SessionTracker(
            context.clock(),
            context.nanoTime(),
            () -> context.config().sessions().timeout(),
            config.limit(),
            ends::drop,
            this::tell);
    this.homes = new SessionHomes(pool, tracker);
    this.sweep = new SessionSweep(context, tracker, store, homes, ends, failures);
    this.moves = new SessionMoves(pool, this);
  }

  private void tell(Session session, SessionEvent.Kind kind) {
    if (kind == SessionEvent.Kind.STARTED) {
      sweep.later();
    }
    int slot = session.home() == null ? -1 : session.home().slot();
    SessionEvent event = new SessionEvent(pool.context().config().name(), session.id(), kind, slot);
    pool.context().listeners().tell(l -> l.onSession(event));
  }

  // ---- the way of a call

  /** A call as it goes on: with a turn to be taken when it is in a session that has turns. */
  CallRequest routed(CallRequest request) {
    if (request.session() == null || request.route() != null) {
      return request;
    }
    if (tracksOnly) {
      Session session = tracker.open(request.sessionId());
      if (session == null) {
        throw failures.tooMany(request);
      }
      tracker.began(session);
      return request;
    }
    return request.in(new SessionTurn(this, request, null, pool.context().nanoTime().getAsLong()));
  }

  /** How long a call would wait for its turn. */
  Duration patienceOf(CallRequest request) {
    Duration patience = pool.patienceOf(request);
    Duration budget = request.budget() != null ? request.budget() : this.budget;
    return budget.isZero() || budget.compareTo(patience) > 0 ? patience : budget;
  }

  boolean strict() {
    return strict;
  }

  boolean failsFast() {
    return failsFast;
  }

  /** Whether states must not be loaded or stored on the control thread. */
  boolean storeBlocks() {
    return storeBlocks;
  }

  /** What takes the steps of asynchronous calls that may touch the store. */
  Executor steps() {
    return storeBlocks ? pool.deliveries() : Runnable::run;
  }

  SessionTracker tracker() {
    return tracker;
  }

  SessionHomes homes() {
    return homes;
  }

  SessionFailures failures() {
    return failures;
  }

  /** A session's state; null while it has none. */
  Entry load(CallRequest request, String id) {
    try {
      return store.get(prefix + id).orElse(null);
    } catch (RuntimeException e) {
      throw failures.storeFailed(request, e);
    }
  }

  /** Stores a state; false when the session has ended, and with it its states. */
  boolean store(CallRequest request, Session session, long version, byte[] state) {
    if (state.length > mostState) {
      throw failures.stateTooLarge(request, state.length);
    }
    boolean stored;
    try {
      stored = session.unlessEnded(() -> store.replace(prefix + session.id(), version, state));
    } catch (SessionStore.FullException e) {
      throw failures.storeFull(request, e);
    } catch (RuntimeException e) {
      throw failures.storeFailed(request, e);
    }
    if (!stored && !session.ended()) {
      throw failures.conflict(request);
    }
    return stored;
  }

  // ---- the sweep

  /**
   * Ends the sessions that nobody has used for {@code session-timeout}, and drops what has stayed
   * in the store and on workers. The pool does so by itself every {@code session-sweep}.
   *
   * @return how many sessions have ended by that
   * @throws org.serpentry.api.PythonPoolException when the store failed for some; the others have
   *     ended, and the next sweep tries those again
   */
  public int sweep() {
    return sweep.now();
  }

  // ---- for a fallback

  /**
   * A call of a session is about to run elsewhere, on the same store. No worker here has what it
   * leaves.
   *
   * @param id the session's
   */
  public void beganElsewhere(String id) {
    Session session = tracker.open(id);
    if (session != null) {
      tracker.began(session);
      session.copied(null, 0);
    }
  }

  /**
   * A call of a session that ran elsewhere is over.
   *
   * @param id the session's
   */
  public void endedElsewhere(String id) {
    tracker.find(id).ifPresent(tracker::used);
  }

  // ---- for operators and the application

  /**
   * How the pool treats sessions.
   *
   * @return the mode
   */
  public SessionMode mode() {
    return config.mode();
  }

  /**
   * Looks at sessions.
   *
   * @param most how many at most
   * @return those used last, the last one first
   */
  public List<SessionInfo> list(int most) {
    return tracker.list(most);
  }

  /**
   * Looks at a session.
   *
   * @param id its id, as {@link SessionInfo#id} shows it
   * @return what is known about it, or empty
   */
  public Optional<SessionInfo> info(String id) {
    return tracker.find(id).map(tracker::info);
  }

  /**
   * Ends a session and drops its state.
   *
   * @param id its id, as {@link SessionInfo#id} shows it
   * @return whether there was one
   * @throws org.serpentry.api.PythonPoolException when some of what belongs to it could not be
   *     dropped, with all causes: it has not ended then, and can be ended again; the rest is gone
   */
  public boolean end(String id) {
    return tracker.end(id) || endStored(id);
  }

  /** One that has only a state: of before a restart, or of another server on this store. */
  private boolean endStored(String id) {
    boolean stored;
    try {
      stored = store.get(prefix + id).isPresent();
    } catch (RuntimeException e) {
      throw failures.notEnded(id, List.of("state"), List.of(e));
    }
    if (!stored) {
      return false;
    }
    try {
      keep(id, () -> {}); // Which begins it, so that none of its calls sees it half ended.
    } catch (SessionLimitException e) {
      ends.drop(id); // There is no room for a call of it either.
      return true;
    }
    return tracker.end(id);
  }

  /**
   * Moves a session to the worker of another slot: after its running call, and with its state.
   *
   * @param id its id, as {@link SessionInfo#id} shows it
   * @param slot the slot of the worker that it is to live on
   * @return the move, which is under way
   * @throws IllegalArgumentException when there is no such session or no worker in the slot, or the
   *     session lives there already
   * @throws IllegalStateException when the pool keeps no sessions on workers, when this one keeps
   *     things on its worker that cannot move, or is being moved already
   */
  public SessionMove move(String id, int slot) {
    return moves.begin(id, slot);
  }

  /**
   * Moves a session back to the slot that it came from.
   *
   * @param move a move that is done
   * @return the move back, which is under way; when it is done, so is the roll-back
   * @throws IllegalArgumentException as {@link #move}
   * @throws IllegalStateException as {@link #move}, and when the move is not done
   */
  public SessionMove rollBack(SessionMove move) {
    return moves.rollBack(move);
  }

  /**
   * The moves of late.
   *
   * @return the last 200, newest first
   */
  public List<SessionMove> moves() {
    return moves.list();
  }

  /**
   * Has somebody drop what belongs to sessions besides their state. It is done before anybody can
   * see that a session has ended, so that the next one of its id never has any of it.
   *
   * @param what what it is, for the log, such as {@code programs}
   * @param owner who keeps it; nothing is called any more when nobody else holds it
   * @param drop has the owner drop what belongs to the session of a {@link SessionInfo#id}, as
   *     quickly as the session store does; must not hold the owner itself. Called by the thread
   *     that ends the session. When it throws, the session has not ended, and it is called again
   *     when that is tried again
   * @param <T> the owner's type
   */
  public <T> void whenEnded(String what, T owner, BiConsumer<T, String> drop) {
    ends.add(what, owner, drop);
  }

  /**
   * Puts down something that belongs to a session, which begins by it if need be and does not end
   * meanwhile: {@link #whenEnded} drops it with certainty.
   *
   * @param id the session's, as {@link SessionInfo#id} shows it
   * @param put puts it down, as quickly as the session store does; what it throws is passed on
   * @throws org.serpentry.api.SessionLimitException when as many sessions are open as may be
   */
  public void keep(String id, Runnable put) {
    boolean kept;
    do {
      Session session = tracker.open(id);
      if (session == null) {
        throw failures.tooMany(id);
      }
      kept =
          session.unlessEnded(
              () -> {
                put.run();
                return true;
              });
    } while (!kept);
  }

  /**
   * Counts.
   *
   * @return the sessions as they are now, and what has become of others
   */
  public SessionStatistics statistics() {
    return tracker.statistics(
        config.mode().name().toLowerCase(Locale.ROOT), homes.bySlot(), figures.get());
  }

  /**
   * Where the states lie, and the global programs.
   *
   * @return the store; a session's id has {@link #prefix} before it there
   */
  public SessionStore store() {
    return store;
  }

  /**
   * What comes before the ids of this pool's sessions in the store.
   *
   * @return the prefix; empty in a store of the pool's own
   */
  public String prefix() {
    return prefix;
  }
}
