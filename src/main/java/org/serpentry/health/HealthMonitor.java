// SPDX-License-Identifier: Apache-2.0
package org.serpentry.health;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.serpentry.api.FailureKind;
import org.serpentry.api.WorkerActivity;
import org.serpentry.api.WorkerState;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.Worker;

/**
 * Looks after the workers of one pool. Every interval it probes those that have served nothing
 * since the last look, a few at a time so that callers find others, and watches the processes of
 * those that are busy. A degraded worker is probed by appointment.
 *
 * <p>Everything runs on the reactor.
 */
public final class HealthMonitor {

  /** The pool, as its monitor sees it. Called on the reactor. */
  public interface Ward {
    /**
     * The workers that there are.
     *
     * @return those that serve slots
     */
    List<Worker> workers();

    /**
     * Takes a look, and restarts the monitor when that throws.
     *
     * @param look the look
     */
    default void supervise(Runnable look) {
      look.run();
    }

    /**
     * The call that a worker has run for the longest time.
     *
     * @param worker the worker
     * @return the call, or null
     */
    RunningCall running(Worker worker);

    /**
     * Takes an idle worker out of the callers' reach, leased.
     *
     * @param worker the worker
     * @return whether it was idle
     */
    boolean lease(Worker worker);

    /**
     * Probes a worker that is leased for it or degraded.
     *
     * @param worker the worker
     * @param then told of the result on the reactor, once
     */
    void probe(Worker worker, Consumer<ProbeResult> then);

    /**
     * A probe was answered: the worker serves.
     *
     * @param worker the worker
     */
    void well(Worker worker);

    /**
     * A probe failed: the recovery decides.
     *
     * @param worker the worker
     * @param failure in which way
     * @param reason what was seen
     */
    void ill(Worker worker, FailureKind failure, String reason);

    /**
     * There is a verdict, for the listeners.
     *
     * @param worker the worker
     * @param activity what a watch saw, or {@link WorkerActivity#UNWATCHED} of a probe
     * @param reason what was seen
     */
    void verdict(Worker worker, WorkerActivity activity, String reason);
  }

  /** Of the workers, one in so many is probed at once. */
  private static final int PROBED_AT_ONCE = 4;

  private final Ward ward;
  private final Reactor reactor;
  private long intervalMillis;
  private Duration watchTime;
  private final Processes processes;
  private final Map<Long, Long> servedAtLastLook = new HashMap<>();
  private final Deque<Worker> toProbe = new ArrayDeque<>();
  private final Set<Long> watching = new HashSet<>();
  private int probing;
  private boolean stopped;
  private int round;

  /**
   * A monitor; {@link #start} starts it.
   *
   * @param ward the pool
   * @param reactor runs it
   * @param interval time between two looks; zero: none
   * @param watchTime time between the two looks of a watch on a busy worker
   */
  public HealthMonitor(Ward ward, Reactor reactor, Duration interval, Duration watchTime) {
    this(ward, reactor, interval, watchTime, Path.of("/proc"));
  }

  HealthMonitor(Ward ward, Reactor reactor, Duration interval, Duration watchTime, Path proc) {
    this.ward = ward;
    this.reactor = reactor;
    this.intervalMillis = interval.toMillis();
    this.watchTime = watchTime;
    this.processes = new Processes(proc);
  }

  /** Begins to look, unless the interval is zero. */
  public void start() {
    int mine = round;
    if (intervalMillis > 0 && !stopped) {
      reactor.schedule(
          intervalMillis,
          TimeUnit.MILLISECONDS,
          () -> {
            if (mine == round) {
              start(); // First, so that a look that is not taken, or fails, is not the last.
              ward.supervise(this::look);
            }
          });
    }
  }

  /**
   * Looks at other times from now on.
   *
   * @param interval time between two looks; zero: none
   * @param watch time between the two looks of a watch on a busy worker
   */
  public void change(Duration interval, Duration watch) {
    intervalMillis = interval.toMillis();
    watchTime = watch;
    round++;
    start();
  }

  /** Looks no more, and keeps no appointment. */
  public void stop() {
    stopped = true;
    toProbe.clear();
  }

  /** Forgets what it was about to do, after a failure; its looks go on. */
  public void restart() {
    toProbe.clear();
    watching.clear();
    probing = 0;
  }

  private void look() {
    if (stopped) {
      return;
    }
    toProbe.clear();
    Map<Long, Long> served = new HashMap<>();
    List<Worker> workers = ward.workers();
    for (Worker worker : workers) {
      served.put(worker.id(), worker.served());
      if (worker.machine().inUse()) {
        watch(worker);
      } else if (worker.machine().state() == WorkerState.READY
          && Long.valueOf(worker.served()).equals(servedAtLastLook.get(worker.id()))) {
        toProbe.add(worker);
      }
    }
    servedAtLastLook.clear();
    servedAtLastLook.putAll(served);
    probeNext(Math.max(1, workers.size() / PROBED_AT_ONCE));
  }

  private void probeNext(int atOnce) {
    while (probing < atOnce && !toProbe.isEmpty()) {
      Worker worker = toProbe.poll();
      if (ward.lease(worker)) {
        probing++;
        examine(
            worker,
            well -> {
              probing--;
              probeNext(atOnce);
            });
      }
    }
  }

  /**
   * Probes a worker and acts on the result.
   *
   * @param worker the worker, leased for it or degraded
   * @param then told whether it answered, after that
   */
  public void examine(Worker worker, Consumer<Boolean> then) {
    ward.probe(
        worker,
        result -> {
          judge(worker, result);
          then.accept(result.answered());
        });
  }

  private void judge(Worker worker, ProbeResult result) {
    if (result.answered()) {
      worker.condition().probeAnswered();
      ward.verdict(worker, WorkerActivity.UNWATCHED, result.reason());
      ward.well(worker);
    } else if (result.failure() != null) {
      worker.condition().probeFailed();
      ward.verdict(worker, WorkerActivity.UNWATCHED, result.reason());
      ward.ill(worker, result.failure(), result.reason());
    }
  }

  /**
   * Makes an appointment with a degraded worker.
   *
   * @param worker the worker; who has left that state by then is not probed
   * @param delay how much later
   */
  public void examineLater(Worker worker, Duration delay) {
    reactor.schedule(
        delay.toMillis(),
        TimeUnit.MILLISECONDS,
        () -> {
          if (!stopped && worker.machine().state() == WorkerState.DEGRADED) {
            examine(worker, well -> {});
          }
        });
  }

  // ---- busy workers

  private void watch(Worker worker) {
    RunningCall call = ward.running(worker);
    if (call == null || !watching.add(worker.id())) {
      return;
    }
    Optional<ProcessSample> before = processes.look(worker.pid());
    reactor.schedule(
        watchTime.toNanos(),
        TimeUnit.NANOSECONDS,
        () -> {
          watching.remove(worker.id());
          if (!stopped && !worker.exit().isDone() && call.equals(ward.running(worker))) {
            watched(worker, call, before, processes.look(worker.pid()));
          }
        });
  }

  private void watched(
      Worker worker,
      RunningCall call,
      Optional<ProcessSample> before,
      Optional<ProcessSample> after) {
    WorkerActivity activity =
        before.isPresent() && after.isPresent()
            ? before.get().until(after.get())
            : WorkerActivity.UNKNOWN;
    worker.condition().watched(call, activity);
    ward.verdict(worker, activity, describe(call, activity));
  }

  private static String describe(RunningCall call, WorkerActivity activity) {
    String what =
        switch (activity) {
          case STOPPED -> "is stopped";
          case COMPUTING -> "computes";
          case WAITING -> "waits and uses no processor time";
          default -> "cannot be seen in /proc";
        };
    return "its process %s during request %d to %s".formatted(what, call.id(), call.target());
  }
}
