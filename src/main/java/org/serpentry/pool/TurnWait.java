// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.serpentry.api.PythonPoolException;
import org.serpentry.session.Claim;
import org.serpentry.transport.Reactor;

/**
 * An asynchronous call's wait for its turn in a session. {@link #begin} runs on the calling thread
 * and does not wait; the rest runs on the reactor, or, where the session store may block, on the
 * executor for that.
 */
final class TurnWait {

  /** One asking; the session may end while it waits, and is then asked again. */
  private final class Asked implements Claim {
    private boolean granted; // the reactor's

    @Override
    public void granted() {
      pool.context()
          .reactor()
          .execute(
              () -> {
                granted = true;
                if (waiting == this) {
                  stopWaiting();
                }
                give(TurnWait.this::goOn, turn::decline);
              });
    }
  }

  private final WorkerPool pool;
  private final AsyncCall call;
  private final SessionTurn turn;
  private final Executor steps;

  // The reactor's.
  private Asked waiting;
  private Reactor.Timer timer;

  TurnWait(WorkerPool pool, AsyncCall call, SessionTurn turn) {
    this.pool = pool;
    this.call = call;
    this.turn = turn;
    this.steps = pool.sessions().steps();
  }

  /** Asks for the turn. When it comes, and the call still wants it, the call proceeds. */
  void begin() {
    give(this::ask, () -> {});
  }

  private void give(Runnable step, Runnable otherwise) {
    AtomicBoolean begun = new AtomicBoolean();
    try {
      steps.execute(
          () -> {
            begun.set(true);
            step.run();
          });
    } catch (RuntimeException | Error e) { // By the application's executor, which ends with it.
      if (!begun.get()) { // Else the step has seen to the turn.
        otherwise.run();
      }
      call.broke(e);
    }
  }

  private void ask() {
    try {
      do {
        Asked asked = new Asked();
        if (!turn.enter(asked)) {
          wait(asked);
          return;
        }
      } while (!turn.begin());
    } catch (PythonPoolException e) {
      call.failedForGood(e);
      return;
    } catch (RuntimeException | Error e) { // By the session store, for example.
      call.broke(e);
      return;
    }
    call.proceed();
  }

  private void wait(Asked asked) {
    if (!pool.sessions().failsFast()) {
      call.post(() -> waitOnReactor(asked));
      return;
    }
    if (!turn.withdraw(asked)) {
      turn.decline();
    }
    call.failedForGood(pool.sessions().failures().callBefore(call.request()));
  }

  private void waitOnReactor(Asked asked) {
    if (asked.granted) {
      return; // The call has gone on.
    }
    waiting = asked;
    call.waits(this);
    long patience = WorkerPool.nanos(pool.sessions().patienceOf(call.request()));
    long left = turn.since() + patience - pool.context().nanoTime().getAsLong();
    timer = pool.context().reactor().schedule(left, TimeUnit.NANOSECONDS, this::timedOut);
    if (call.done()) {
      cancel();
    }
  }

  private void goOn() {
    try {
      if (!turn.begin()) {
        ask(); // The session has ended meanwhile: in a new one.
        return;
      }
    } catch (PythonPoolException e) {
      call.failedForGood(e);
      return;
    } catch (RuntimeException | Error e) {
      call.broke(e);
      return;
    }
    call.proceed();
  }

  private void timedOut() {
    if (cancel()) {
      Duration patience = pool.sessions().patienceOf(call.request());
      pool.counters().checkoutTimedOut();
      call.failedForGood(pool.sessions().failures().noTurn(call.request(), patience));
    }
  }

  /** The call wants the turn no more. On the reactor; false when it is being granted. */
  boolean cancel() {
    if (waiting == null || !turn.withdraw(waiting)) {
      return false;
    }
    stopWaiting();
    return true;
  }

  private void stopWaiting() {
    waiting = null;
    timer.cancel();
    call.waits(null);
  }
}
