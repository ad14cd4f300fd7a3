// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.List;
import org.serpentry.api.FailureKind;
import org.serpentry.api.RecoveryDecision;
import org.serpentry.api.WorkerState;
import org.serpentry.recovery.Failure;
import org.serpentry.recovery.RecoveryContext;
import org.serpentry.recovery.RecoveryLog;
import org.serpentry.recovery.WorkerFacts;
import org.serpentry.recovery.WorkerRecovery;
import org.serpentry.spi.PoolListener.RecycleReason;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.worker.ExitReport;
import org.serpentry.worker.Worker;

/**
 * Every failure of a worker comes here: {@link WorkerRecovery} decides, the decision is kept and
 * told, and what it says is done. Everything runs on the reactor, except {@link #decisions}.
 */
final class Recoverer {

  private final PoolContext context;
  private final Crew crew;
  private final RecoveryLog log = new RecoveryLog();
  private Clinic clinic;
  private boolean closed;

  Recoverer(PoolContext context, Crew crew, Checkout checkout) {
    this.context = context;
    this.crew = crew;
    checkout.whenNotReady(worker -> context.reactor().execute(() -> notReady(worker)));
  }

  /** Sets where degraded workers are looked after. Called before the start. */
  void refersTo(Clinic degradedWorkersClinic) {
    clinic = degradedWorkersClinic;
  }

  /** The last decisions, newest first. Any thread may call. */
  List<RecoveryEvent> decisions() {
    return log.events();
  }

  /** Decides nothing any more: the pool ends, and every worker with it. */
  void close() {
    closed = true;
    clinic.close();
  }

  private RecoveryDecision decide(Worker worker, Failure failure, WorkerState state, long delay) {
    RecoveryContext pool =
        new RecoveryContext(
            context.config().life().healthCheckFailures(),
            degradedDelay(),
            Duration.ofMillis(delay));
    WorkerFacts facts =
        new WorkerFacts(state, worker.condition().failedProbes(), worker.condition().timeouts());
    RecoveryDecision decision = WorkerRecovery.decide(failure, facts, pool);
    RecoveryEvent event =
        new RecoveryEvent(
            crew.announcer().ref(worker),
            context.clock().instant(),
            failure.kind(),
            failure.detail(),
            decision);
    keep(event);
    return decision;
  }

  private void keep(RecoveryEvent event) {
    log.add(event);
    crew.announcer().tell(l -> l.onRecovery(event));
  }

  private RecoveryDecision decide(Worker worker, FailureKind kind, String detail) {
    return decide(worker, new Failure(kind, detail), worker.machine().state(), 0);
  }

  private Duration degradedDelay() {
    Duration interval = context.config().healthCheckInterval();
    Duration usual = RecoveryContext.DEGRADED_DELAY;
    return interval.isZero() || interval.compareTo(usual) > 0 ? usual : interval;
  }

  // ---- failures

  /**
   * A worker has ended by itself; returns the pause before its place is filled again.
   *
   * @param before the state in which it ended
   * @param restartMillis the pause that its slot has earned
   */
  long exited(Worker worker, WorkerState before, ExitReport report, long restartMillis) {
    crew.announcer()
        .warn(
            "%s ended unexpectedly: %s".formatted(crew.announcer().ref(worker), report.explain()));
    FailureKind kind =
        before == WorkerState.INITIALIZING ? FailureKind.START_FAILED : FailureKind.WORKER_EXITED;
    return decide(worker, new Failure(kind, report.describe()), before, restartMillis)
        .delay()
        .toMillis();
  }

  /** A lease ended with a worker that broke the protocol or its connection. */
  void lost(Worker worker, FailureKind kind, String detail) {
    if (answered(worker)) {
      crew.turnover().condemn(worker, detail);
    } else {
      obey(decide(worker, kind, detail), worker, detail, null);
    }
  }

  /**
   * A call met its deadline. The given task gets the worker back from it, or ends it.
   *
   * @param since the {@code nanoTime} at which it began: a deadline shorter than a probe's says
   *     nothing of the worker and does not count towards the limit
   */
  void timedOut(Worker worker, long since, String detail, Runnable reclaim) {
    if (answered(worker)) {
      reclaim.run();
      return;
    }
    Duration ran = Duration.ofNanos(context.nanoTime().getAsLong() - since);
    if (ran.compareTo(context.config().life().healthCheckTimeout()) >= 0) {
      worker.condition().timedOut();
    }
    obey(decide(worker, FailureKind.CALL_TIMED_OUT, detail), worker, detail, reclaim);
  }

  /** A probe failed. */
  void ill(Worker worker, FailureKind kind, String detail) {
    obey(decide(worker, kind, detail), worker, detail, null);
  }

  /** One of a worker's several calls would not end; whoever tells this has it replaced. */
  void abandoned(Worker worker, String detail) {
    if (!answered(worker)) {
      decide(worker, FailureKind.CALL_ABANDONED, detail);
    }
  }

  /**
   * The launcher or the template is lost, and started again after a pause.
   *
   * @param source as which of them it is told
   * @param delayMillis the pause
   */
  void sourceFailed(WorkerRef source, FailureKind kind, String detail, long delayMillis) {
    RecoveryContext pool =
        new RecoveryContext(
            context.config().life().healthCheckFailures(),
            degradedDelay(),
            Duration.ofMillis(delayMillis));
    WorkerFacts none = new WorkerFacts(WorkerState.TERMINATED, 0, 0);
    RecoveryDecision decision = WorkerRecovery.decide(new Failure(kind, detail), none, pool);
    keep(new RecoveryEvent(source, context.clock().instant(), kind, detail, decision));
  }

  /** The ladder ends a worker that would not give up its call. It does so by itself. */
  void removes(Worker worker, FailureKind kind, String detail) {
    RecoveryDecision decision = decide(worker, kind, detail);
    crew.announcer().move(worker, WorkerState.TERMINATING, detail, decision.metadata());
  }

  private void notReady(Worker worker) {
    String detail = "found among the idle";
    RecoveryDecision decision = decide(worker, FailureKind.NOT_READY, detail);
    if (!answered(worker)) {
      obey(decision, worker, detail, null);
    }
  }

  /** Whether its end is under way already, of which nothing more is to be decided. */
  private boolean answered(Worker worker) {
    return closed
        || worker.exit().isDone()
        || !worker.machine().state().mayBecome(WorkerState.TERMINATING);
  }

  // ---- what is done about them

  private void obey(RecoveryDecision decision, Worker worker, String detail, Runnable reclaim) {
    switch (decision.action()) {
      case RETRY -> reclaim.run();
      case DEGRADE -> degrade(worker, decision);
      case REPLACE -> {
        if (reclaim != null) {
          reclaim.run();
          crew.turnover().recycle(crew.slot(worker.slot()), because(decision));
        } else {
          degrade(worker, decision);
          replace(worker, decision);
        }
      }
      case REMOVE -> crew.turnover().condemn(worker, detail);
    }
  }

  /** Keeps calls from it until a probe succeeds. */
  private void degrade(Worker worker, RecoveryDecision decision) {
    if (worker.retiring()) {
      crew.turnover().leave(worker, "retired");
      return;
    }
    if (worker.machine().state() != WorkerState.DEGRADED) {
      crew.announcer().move(worker, WorkerState.DEGRADED, decision.reason(), decision.metadata());
    }
    // Also for one that is being replaced: its replacement may never come.
    clinic.examineLater(worker, decision.delay().isZero() ? degradedDelay() : decision.delay());
  }

  private static RecycleReason because(RecoveryDecision decision) {
    return RecycleReason.demanded(decision.reason());
  }

  /** Has another one started, and lets a worker that serves nobody go at once where that fails. */
  private void replace(Worker worker, RecoveryDecision decision) {
    Slot slot = crew.slot(worker.slot());
    boolean replaced =
        slot != null
            && slot.current() == worker
            && (slot.incoming() != null || crew.turnover().recycle(slot, because(decision)));
    if (!replaced && worker.machine().state() == WorkerState.DEGRADED) {
      crew.turnover().leave(worker, decision.reason());
    }
  }
}
