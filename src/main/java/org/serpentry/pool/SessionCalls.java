// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.serpentry.api.PythonPoolException;
import org.serpentry.session.Claim;
import org.serpentry.telemetry.CallRecording;

/**
 * The synchronous way of a call in a session: the calling thread waits for the session's turn, then
 * goes the way of any call. Any thread calls, and blocks for at most checkout timeout plus
 * operation timeout.
 */
final class SessionCalls {

  private final WorkerPool pool;
  private final PoolSessions sessions;
  private final SyncCalls calls;

  SessionCalls(WorkerPool pool, SyncCalls calls) {
    this.pool = pool;
    this.sessions = pool.sessions();
    this.calls = calls;
  }

  Object call(CallRequest request, CallRecording recording) {
    CallRequest routed = sessions.routed(request);
    if (!(routed.session() instanceof SessionTurn turn)) {
      return calls.attempts(routed, recording);
    }
    try {
      await(turn, request);
    } catch (PythonPoolException e) {
      return calls.failedForGood(request, null, e, recording);
    }
    try {
      return calls.attempts(routed, recording);
    } finally {
      turn.over();
    }
  }

  private void await(SessionTurn turn, CallRequest request) {
    do {
      ParkedClaim claim = new ParkedClaim();
      if (!turn.enter(claim)) {
        if (sessions.failsFast()) {
          giveUp(turn, claim);
          throw sessions.failures().callBefore(request);
        }
        await(turn, claim, request);
      }
    } while (!turn.begin());
  }

  private void await(SessionTurn turn, ParkedClaim claim, CallRequest request) {
    Duration patience = sessions.patienceOf(request);
    long deadline = turn.since() + WorkerPool.nanos(patience);
    while (!claim.granted) {
      long left = deadline - pool.context().nanoTime().getAsLong();
      boolean interrupted = Thread.currentThread().isInterrupted();
      if (left > 0 && !interrupted) {
        LockSupport.parkNanos(this, left);
      } else {
        giveUp(turn, claim);
        if (interrupted) {
          throw pool.failures().interrupted(request);
        }
        pool.counters().checkoutTimedOut();
        throw sessions.failures().noTurn(request, patience);
      }
    }
  }

  private static void giveUp(SessionTurn turn, ParkedClaim claim) {
    if (!turn.withdraw(claim)) {
      turn.decline(); // It was granted at this moment.
    }
  }

  /** A thread that waits for its turn. */
  private static final class ParkedClaim implements Claim {
    private final Thread thread = Thread.currentThread();
    private volatile boolean granted;

    @Override
    public void granted() {
      granted = true;
      LockSupport.unpark(thread);
    }
  }
}
