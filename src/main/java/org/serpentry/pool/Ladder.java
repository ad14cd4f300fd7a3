// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.serpentry.api.AbandonedCallException;
import org.serpentry.api.FailureKind;
import org.serpentry.api.WorkerState;
import org.serpentry.protocol.Frame;
import org.serpentry.protocol.FrameKind;
import org.serpentry.protocol.MalformedFrameException;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.ExitReport;
import org.serpentry.worker.Worker;

/**
 * What a stuck or unwanted call meets, one rung after the other until it ends: cancel, stack dump,
 * SIGTERM, SIGKILL to the process group. A worker that answers goes back to work, and its late
 * answer is dropped; one that does not is killed and replaced. Everything runs on the reactor; the
 * counters may be read by any thread.
 */
final class Ladder {

  /** The rungs, in their order. */
  enum Rung {
    CANCEL,
    DUMP,
    /** Given up in a worker with several calls, which ends with the last other one. */
    ABANDON,
    TERM,
    KILL
  }

  private final PoolContext context;
  private final Crew crew;
  private final Nursery nursery;
  private final Map<Long, Climb> climbs = new HashMap<>();
  private final Map<Rung, LongAdder> used = new java.util.EnumMap<>(Rung.class);

  Ladder(PoolContext context, Crew crew, Nursery nursery) {
    this.context = context;
    this.crew = crew;
    this.nursery = nursery;
    for (Rung rung : Rung.values()) {
      used.put(rung, new LongAdder());
    }
  }

  /** How often a rung has been used. */
  long used(Rung rung) {
    return used.get(rung).sum();
  }

  /**
   * Takes over a leased worker whose call nobody waits for any more. The given task runs when the
   * worker is well again; the stack dump, if it comes to one, is added to the failure that the
   * caller has got, if it has.
   */
  void reclaim(Worker worker, long requestId, AbandonedCallException failure, Runnable recovered) {
    if (worker.exit().isDone()) {
      Turnover.close(worker);
      return;
    }
    Climb climb = new Climb(worker, requestId, failure, recovered);
    climbs.put(worker.id(), climb);
    climb.cancel();
  }

  /** Sees to it that a worker that has been told to leave does. */
  void end(Worker worker) {
    Climb climb = new Climb(worker, 0, null, null);
    climbs.put(worker.id(), climb);
    climb.next(context.config().termGrace().toMillis(), climb::term);
  }

  /** Kills a worker at once. */
  void kill(Worker worker) {
    Climb climb = climbs.computeIfAbsent(worker.id(), id -> new Climb(worker, 0, null, null));
    climb.kill();
  }

  /** Ends a worker whose only calls are stuck. */
  void terminate(Worker worker, long requestId) {
    Climb climb = new Climb(worker, requestId, null, null);
    climbs.put(worker.id(), climb);
    climb.term();
  }

  /** Counts the use of a rung and tells the listeners. */
  void note(Worker worker, Rung rung, long requestId) {
    used.get(rung).increment();
    String name = rung.name().toLowerCase(java.util.Locale.ROOT);
    context.listeners().tell(l -> l.onLadder(crew.announcer().ref(worker), name, requestId));
  }

  /** A worker has dumped its stacks. */
  void dumped(long worker, String stacks) {
    crew.lanes().dumped(worker, stacks);
    Climb climb = climbs.get(worker);
    if (climb != null && climb.failure != null) {
      climb.failure.dumped(stacks);
    }
  }

  /** A worker has been reaped: nothing more is to be done about it. */
  void ended(Worker worker, ExitReport report) {
    if (!report.dump().isEmpty()) {
      dumped(worker.id(), report.dump());
    }
    Climb climb = climbs.remove(worker.id());
    if (climb != null) {
      climb.stop();
      Turnover.close(worker);
    }
  }

  private final class Climb {
    private final Worker worker;
    private final long requestId;
    private final AbandonedCallException failure;
    private final Runnable recovered;
    private Reactor.Timer timer;

    Climb(Worker worker, long requestId, AbandonedCallException failure, Runnable recovered) {
      this.worker = worker;
      this.requestId = requestId;
      this.failure = failure;
      this.recovered = recovered;
    }

    void cancel() {
      note(Rung.CANCEL);
      try {
        if (worker.channel().midFrame()) {
          // The request never left whole, so nothing else can be said on this channel.
          kill();
          return;
        }
        worker.channel().begin(Frame.cancel(requestId));
        if (!worker.channel().flush()) {
          kill();
          return;
        }
      } catch (IOException e) {
        condemned(e);
        return;
      }
      crew.replyWatch().watch(worker, SelectionKey.OP_READ, this::readable);
      nursery.signal(worker, "cancel");
      next(context.config().cancelGrace().toMillis(), this::dump);
      readable();
    }

    private void readable() {
      if (worker.exit().isDone()) {
        return; // ended() follows.
      }
      try {
        for (Frame frame = worker.channel().receive();
            frame != null;
            frame = worker.channel().receive()) {
          if (frame.requestId() == requestId && frame.kind() != FrameKind.ITEM) {
            stop();
            climbs.remove(worker.id());
            crew.replyWatch().unwatch(worker);
            recovered.run();
            return;
          }
        }
      } catch (IOException e) {
        condemned(e);
      }
    }

    /** Its connection ended or cannot be trusted: the exit report follows, or is made to. */
    private void condemned(IOException e) {
      crew.replyWatch().unwatch(worker);
      remove(
          e instanceof MalformedFrameException
              ? FailureKind.MALFORMED_REPLY
              : FailureKind.CONNECTION_LOST,
          String.valueOf(e.getMessage()));
      next(context.config().termGrace().toMillis(), this::kill);
    }

    private void dump() {
      note(Rung.DUMP);
      nursery.signal(worker, "dump");
      next(context.config().dumpGrace().toMillis(), this::term);
    }

    void term() {
      note(Rung.TERM);
      remove(FailureKind.CALL_STUCK, "its call would not end");
      nursery.signal(worker, "term");
      next(context.config().termGrace().toMillis(), this::kill);
    }

    void kill() {
      stop();
      note(Rung.KILL);
      remove(FailureKind.CALL_STUCK, "killed");
      nursery.signal(worker, "kill");
    }

    /** Its call, if it is still in one, ends with it. */
    private void remove(FailureKind kind, String reason) {
      if (worker.machine().inUse() && worker.machine().state().mayBecome(WorkerState.TERMINATING)) {
        crew.recoverer().removes(worker, kind, reason);
      }
    }

    void next(long millis, Runnable step) {
      stop();
      timer = context.reactor().schedule(millis, TimeUnit.MILLISECONDS, step);
    }

    void stop() {
      if (timer != null) {
        timer.cancel();
      }
    }

    private void note(Rung rung) {
      Ladder.this.note(worker, rung, requestId);
    }
  }
}
