// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.serpentry.api.FailureKind;
import org.serpentry.api.WorkerActivity;
import org.serpentry.api.WorkerState;
import org.serpentry.config.PoolConfig;
import org.serpentry.health.HealthMonitor;
import org.serpentry.health.ProbeResult;
import org.serpentry.spi.HealthEvent;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.Worker;

/**
 * Where the pool's workers meet its {@link HealthMonitor}: how they are leased for a probe, probed,
 * and sent back to work or to the recovery. Everything runs on the reactor.
 */
final class Clinic implements HealthMonitor.Ward {

  private static final String BUILT_IN = "serpentry:ping";

  private final WorkerPool pool;
  private final HealthMonitor monitor;
  private CallRequest request;
  private final Set<ProbeCall> probes = new HashSet<>();
  private boolean closed;

  Clinic(WorkerPool pool) {
    this.pool = pool;
    PoolConfig config = pool.config();
    Duration timeout = config.life().healthCheckTimeout();
    this.monitor =
        new HealthMonitor(this, pool.context().reactor(), config.healthCheckInterval(), timeout);
    this.request = probeOf(config);
  }

  private static CallRequest probeOf(PoolConfig config) {
    String own = config.life().healthCheckFunction();
    Duration timeout = config.life().healthCheckTimeout();
    return own.isEmpty()
        ? CallRequest.probe(BUILT_IN, timeout, Object.class)
        : CallRequest.probe(own, timeout);
  }

  /** Probes at the times, and with the patience, that the settings say now. */
  void settingsChanged() {
    PoolConfig config = pool.config();
    request = probeOf(config);
    monitor.change(config.healthCheckInterval(), config.life().healthCheckTimeout());
  }

  /** Begins to look after the workers. */
  void start() {
    monitor.start();
  }

  /** Probes a worker leased for it, which then goes back to work or to the recovery. */
  void examine(Worker worker, Consumer<Boolean> then) {
    monitor.examine(worker, then);
  }

  /** Probes a degraded worker later. */
  void examineLater(Worker worker, Duration delay) {
    monitor.examineLater(worker, delay);
  }

  /** Probes nobody any more; the workers being probed leave, since no more calls come. */
  void close() {
    closed = true;
    monitor.stop();
    for (ProbeCall probe : Set.copyOf(probes)) {
      probe.abandon();
      leave(probe.worker(), "the pool was closed");
    }
    probes.clear();
  }

  private void leave(Worker worker, String reason) {
    if (worker.machine().state().mayBecome(WorkerState.TERMINATING)) {
      pool.crew().turnover().leave(worker, reason);
    }
  }

  // ---- the ward

  @Override
  public List<Worker> workers() {
    return pool.crew().slots().stream().map(Slot::current).filter(Objects::nonNull).toList();
  }

  @Override
  public void supervise(Runnable look) {
    pool.crew().supervisor().run(Supervisor.MONITOR, look, monitor::restart);
  }

  @Override
  public RunningCall running(Worker worker) {
    return pool.crew().lanes().running(worker);
  }

  @Override
  public boolean lease(Worker worker) {
    return pool.checkout().withdraw(worker) && worker.machine().tryLease();
  }

  @Override
  public void probe(Worker worker, Consumer<ProbeResult> then) {
    if (closed) {
      leave(worker, "the pool was closed");
      then.accept(ProbeResult.gone());
      return;
    }
    ProbeCall[] self = new ProbeCall[1];
    ProbeCall probe =
        new ProbeCall(
            pool,
            request,
            worker,
            result -> {
              probes.remove(self[0]);
              if (worker.exit().isDone()) {
                Turnover.close(worker); // The lease was the probe's.
              }
              then.accept(hasLeft(worker) ? ProbeResult.gone() : result);
            });
    self[0] = probe;
    probes.add(probe);
    probe.send();
  }

  /** Whether somebody has told it to leave while it was probed. */
  private static boolean hasLeft(Worker worker) {
    return !worker.machine().state().mayBecome(WorkerState.TERMINATING);
  }

  @Override
  public void well(Worker worker) {
    if (worker.machine().state() != WorkerState.DEGRADED) {
      pool.giveBack(worker);
    } else if (worker.retiring()) {
      leave(worker, "retired");
    } else {
      pool.crew().announcer().move(worker, WorkerState.READY, "health_restored", Map.of());
      pool.checkout().admit(worker);
    }
  }

  @Override
  public void ill(Worker worker, FailureKind failure, String reason) {
    pool.crew().recoverer().ill(worker, failure, reason);
  }

  @Override
  public void verdict(Worker worker, WorkerActivity activity, String reason) {
    HealthEvent event =
        new HealthEvent(
            pool.crew().announcer().ref(worker),
            worker.health(),
            activity,
            worker.condition().failedProbes(),
            reason);
    pool.crew().announcer().tell(l -> l.onHealth(event));
  }
}
