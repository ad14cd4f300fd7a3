// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.serpentry.config.SessionMode;
import org.serpentry.pool.SessionMove.Status;
import org.serpentry.session.Session;
import org.serpentry.worker.Worker;

/**
 * Moves sessions to other workers: by a call of the pool's own in the session, led to the worker
 * that it is to live on, which thereby gets the state. Any thread may call; nothing blocks.
 */
final class SessionMoves {

  private static final int KEPT = 200;

  private final WorkerPool pool;
  private final PoolSessions sessions;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<SessionMove> moves = new ArrayDeque<>(); // under the lock, as is the next
  private long last;

  SessionMoves(WorkerPool pool, PoolSessions sessions) {
    this.pool = pool;
    this.sessions = sessions;
  }

  SessionMove begin(String id, int slot) {
    if (sessions.mode() == SessionMode.NONE) {
      throw new IllegalStateException(
          "With session-mode=none sessions live on no worker, so none can be moved");
    }
    Session session =
        sessions
            .tracker()
            .find(id)
            .orElseThrow(() -> new IllegalArgumentException("There is no session '" + id + "'"));
    SessionHome target = sessions.homes().of(workerOf(slot));
    SessionHome home = (SessionHome) session.home();
    if (home == target) {
      throw new IllegalArgumentException(
          "Session '" + id + "' lives on the worker of slot " + slot + " already");
    }
    if (session.keepsLocal()) {
      throw new IllegalStateException(
          "Session '%s' keeps things on its worker (context().session.local) that cannot move"
              .formatted(id));
    }
    SessionMove move = enlist(id, home == null ? -1 : home.slot(), slot);
    run(move, home, target);
    return move;
  }

  private Worker workerOf(int number) {
    Slot slot = pool.crew().slot(number);
    Worker worker = slot == null ? null : slot.current();
    if (worker == null || worker.retiring()) {
      throw new IllegalArgumentException("There is no worker in slot " + number + " to move to");
    }
    return worker;
  }

  private SessionMove enlist(String id, int from, int to) {
    lock.lock();
    try {
      for (SessionMove other : moves) {
        if (other.session().equals(id) && other.status() == Status.WAITING) {
          throw new IllegalStateException("Session '" + id + "' is being moved: " + other);
        }
      }
      SessionMove move = new SessionMove(++last, id, from, to, pool.context().clock().instant());
      moves.addFirst(move);
      if (moves.size() > KEPT) {
        moves.removeLast();
      }
      return move;
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what it ends in is handled right here
  private void run(SessionMove move, SessionHome home, SessionHome target) {
    Duration patience = pool.config().sessions().moveTimeout();
    CallRequest probe = CallRequest.probe("serpentry:ping", patience);
    CallRequest request =
        new CallRequest(
            probe.target(),
            probe.targetBytes(),
            probe.positional(),
            probe.named(),
            probe.type(),
            patience,
            patience,
            0,
            true,
            new SessionKey(move.session()),
            null,
            null);
    SessionTurn turn =
        new SessionTurn(sessions, request, target, pool.context().nanoTime().getAsLong());
    CompletableFuture<Object> call = pool.callAsync(request.in(turn), Runnable::run);
    call.whenComplete(
        (pong, failure) -> {
          if (failure != null) {
            turn.moveBack(home);
            move.ended(Status.FAILED, String.valueOf(failure.getMessage()));
          } else if (!move.ended(Status.DONE, "")) {
            turn.moveBack(home); // Cancelled at the last moment.
          }
        });
    move.by(call);
  }

  /** Moves a session back to where it came from. */
  @SuppressWarnings("FutureReturnValueIgnored") // a mark that cannot fail
  SessionMove rollBack(SessionMove move) {
    if (move.status() != Status.DONE || move.from() < 0) {
      throw new IllegalStateException("Only a move that is done can be rolled back, not " + move);
    }
    SessionMove back = begin(move.session(), move.from());
    back.end().thenAccept(how -> markRolledBack(move, how));
    return back;
  }

  private static void markRolledBack(SessionMove move, Status how) {
    if (how == Status.DONE) {
      move.rolledBack();
    }
  }

  List<SessionMove> list() {
    lock.lock();
    try {
      return List.copyOf(moves);
    } finally {
      lock.unlock();
    }
  }
}
