// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.serpentry.api.PythonPoolException;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.protocol.SessionState;
import org.serpentry.session.Claim;
import org.serpentry.session.Home;
import org.serpentry.session.Session;
import org.serpentry.spi.SessionStore.Entry;
import org.serpentry.worker.Worker;

/**
 * One call's turn in its session: from the moment that it asks for it to the moment that the next
 * call may have it. It leads the call to the session's worker, gives the state along when that
 * worker does not have it, and puts into the store what became of it.
 *
 * <p>Used by one thread at a time, whoever has the call; only {@link #over} may be called by any.
 */
final class SessionTurn implements Route {

  private static final int FIELD_BYTES = 23;

  private enum Phase {
    WAITING,
    HELD,
    STORING,
    OVER
  }

  private final PoolSessions sessions;
  private final CallRequest request;
  private final String id;
  private final long since;
  private final SessionHome target;
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.WAITING);
  private Session session;
  private Entry entry;
  private SessionHome assigned;
  private Home before;
  private boolean current;

  // What came of the reply.
  private int resultBytes = -1;
  private PythonPoolException refused;

  /**
   * A turn that has not been asked for.
   *
   * @param target the worker that it must run on, to live there; null: as the pool's mode says
   */
  SessionTurn(PoolSessions sessions, CallRequest request, SessionHome target, long since) {
    this.sessions = sessions;
    this.request = request;
    this.id = request.sessionId();
    this.target = target;
    this.since = since;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public long since() {
    return since;
  }

  @Override
  public long spent(long now) {
    return assigned == null ? now - since : 0;
  }

  // ---- the turn

  /** Asks for the turn; true when it is here at once. {@link #begin} must follow it. */
  boolean enter(Claim claim) {
    session = sessions.tracker().open(id);
    if (session == null) {
      throw sessions.failures().tooMany(request);
    }
    return session.enter(claim);
  }

  /** Waits no more; false when the turn has been granted. */
  boolean withdraw(Claim claim) {
    return session.withdraw(claim);
  }

  /** Begins the turn that was granted; false when the session has ended: it must be asked anew. */
  boolean begin() {
    if (session.ended()) {
      session.leave();
      return false;
    }
    try {
      entry = sessions.load(request, id);
    } catch (RuntimeException | Error e) {
      session.leave();
      throw e;
    }
    phase.set(Phase.HELD);
    sessions.tracker().began(session);
    return true;
  }

  /** Gives up a turn that was granted. */
  void decline() {
    session.leave();
  }

  @Override
  public void over() {
    // While it is being stored, whoever does so says that it is over.
    if (phase.compareAndSet(Phase.HELD, Phase.OVER)) {
      try {
        sessions.tracker().used(session);
        if (assigned != null && session.ended()) {
          assigned.forget(session.serial());
        }
      } finally {
        session.leave();
      }
    }
  }

  // ---- the way to the worker

  private SessionHome home() {
    if (target != null) {
      return target;
    }
    SessionHome home = (SessionHome) session.home();
    if (home != null && !home.serves()) {
      sessions.tracker().homeGone(session, home);
      return null;
    }
    return home;
  }

  @Override
  public Worker poll(Checkout checkout) {
    SessionHome home = home();
    if (target == null && sessions.strict() && session.lost()) {
      throw sessions.failures().lost(request);
    }
    if (home == null) {
      return checkout.pollLeast(sessions.homes()::residents);
    }
    if (target != null && !target.serves()) {
      throw sessions.failures().noTarget(request, target.slot());
    }
    boolean only = target != null || sessions.strict();
    Worker worker = checkout.poll(home.worker(), only);
    if (worker == null && only && sessions.failsFast() && target == null) {
      throw sessions.failures().workerBusy(request, home.slot());
    }
    return worker;
  }

  @Override
  public Worker wanted() {
    SessionHome home = target != null || sessions.strict() ? home() : null;
    return home == null ? null : home.worker();
  }

  @Override
  public void assigned(Worker worker) {
    assigned = sessions.homes().of(worker);
    before = session.moveTo(assigned);
    boolean hit = before == assigned;
    sessions.tracker().ran(hit);
    current = hit && session.currentOn(assigned, version());
    if (!hit && before != null) {
      session.keepsLocal(false);
      sessions.tracker().moved(session);
      sessions.homes().tidy((SessionHome) before);
    }
    // Until it has answered, nobody knows what it has.
    session.copied(null, 0);
  }

  private long version() {
    return entry == null ? 0 : entry.version();
  }

  @Override
  public int extraBytes() {
    return FIELD_BYTES + (entry == null ? 0 : entry.state().length);
  }

  @Override
  public byte[] field() {
    return new SessionState.Sent(session.serial(), version(), stateLength()).field();
  }

  /** Of the state that goes with it; the empty one of version 0 has no bytes. */
  private int stateLength() {
    if (current) {
      return SessionState.HAD;
    }
    return entry == null ? 0 : entry.state().length;
  }

  @Override
  public byte[] state() {
    return entry == null || current ? null : entry.state();
  }

  // ---- the way back

  @Override
  public int taken(CallRequest answered, Worker worker, Frame reply) {
    if (resultBytes < 0) {
      take(worker, reply);
    }
    if (refused != null) {
      throw refused;
    }
    return resultBytes;
  }

  @Override
  public void take(Worker worker, Frame reply) {
    if (reply.kind() != FrameKind.RESULT) {
      return; // The state is as it was.
    }
    int length = reply.payload().length;
    SessionState.Returned returned;
    try {
      returned = SessionState.returned(reply.header(), length);
    } catch (MalformedFrameException e) {
      resultBytes = 0;
      refused = sessions.failures().malformed(request, worker, reply.requestId(), e);
      return;
    }
    resultBytes = returned == null ? length : length - returned.length();
    if (!phase.compareAndSet(Phase.HELD, Phase.STORING)) {
      return; // Its caller has given it up, and the next call may be under way.
    }
    try {
      store(returned, reply);
    } catch (PythonPoolException e) {
      refused = e;
    } finally {
      phase.set(Phase.HELD);
    }
  }

  private void store(SessionState.Returned returned, Frame reply) {
    if (returned == null) {
      has(version());
      return;
    }
    session.keepsLocal(returned.keepsLocal());
    if (returned.changed()) {
      byte[] state = Arrays.copyOfRange(reply.payload(), resultBytes, reply.payload().length);
      if (!sessions.store(request, session, version(), state)) {
        return;
      }
    }
    has(returned.version());
  }

  /** The worker has this version; unless it is being told to forget what it had before. */
  private void has(long version) {
    if (assigned.keeps(session)) {
      session.copied(assigned, version);
    }
  }

  /**
   * After a move that failed: has the session live where it lived before, unless it lives elsewhere
   * by now.
   */
  void moveBack(SessionHome home) {
    if (assigned != null && session.home() == assigned && home != null && home.serves()) {
      session.moveTo(home);
    }
  }

  @Override
  public String toString() {
    return "SessionTurn[" + id + ", " + phase.get() + "]";
  }
}
