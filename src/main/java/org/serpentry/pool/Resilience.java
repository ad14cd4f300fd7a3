// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.serpentry.api.BreakerState;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.WorkerState;
import org.serpentry.config.ResilienceConfig;
import org.serpentry.config.StartMode;
import org.serpentry.health.PoolMonitor;
import org.serpentry.recovery.CircuitView;
import org.serpentry.recovery.ErrorHandling;
import org.serpentry.recovery.ErrorHandling.Advice;
import org.serpentry.recovery.ErrorRates.Counts;
import org.serpentry.spi.ErrorAlert;
import org.serpentry.spi.PoolHealth;

/**
 * What a pool does about failures of its calls and of its own parts: circuits, error alerts,
 * supervision and the monitor of the pool as a whole. Any thread may call what is public.
 */
public final class Resilience {

  private static final String PING = "serpentry:ping";

  private final PoolContext context;
  private final Crew crew;
  private final Circuits circuits;
  private final ErrorWatch errors;
  private final LongAdder checks = new LongAdder();
  private final LongAdder failedChecks = new LongAdder();
  private final long started;
  private volatile Instant lastCheck;
  private volatile String failedPing = "";
  private volatile PoolHealth told;
  private int round; // the reactor's
  private Supplier<PoolSnapshot> snapshots;
  private Function<CallRequest, CompletableFuture<Object>> calls;

  /**
   * What the pool's monitor has done.
   *
   * @param checks how many pings were sent on demand
   * @param failedChecks how many of them failed
   * @param lastCheck when the last one ended, or null
   * @param restarts how often a part of the pool has been restarted
   * @param uptime since the pool was made
   */
  public record MonitorView(
      long checks, long failedChecks, Instant lastCheck, long restarts, Duration uptime) {}

  Resilience(PoolContext context, Crew crew, Failures failures, CallCounters counters) {
    this.context = context;
    this.crew = crew;
    this.circuits = new Circuits(context, crew.announcer(), failures);
    this.errors = new ErrorWatch(context, crew.announcer(), counters, circuits);
    this.started = context.nanoTime().getAsLong();
  }

  /** The supervisor of a crew. */
  static Supervisor supervisor(PoolContext context, Crew crew, Failures failures) {
    ResilienceConfig config = context.config().resilience();
    return new Supervisor(
        new Supervisor.Host() {
          @Override
          public long now() {
            return context.nanoTime().getAsLong();
          }

          @Override
          public void later(Duration delay, Runnable task) {
            context.reactor().schedule(WorkerPool.nanos(delay), TimeUnit.NANOSECONDS, task);
          }

          @Override
          public void failed(String reason) {
            crew.outage().poolFailed(reason, () -> failures.failed(reason));
            crew.announcer().warn("the pool has failed: " + reason);
          }

          @Override
          public void revived() {
            crew.outage().poolRevived();
            crew.announcer().inform("the pool is tried again after its failure");
            crew.demand();
          }

          @Override
          public void warn(String text) {
            crew.announcer().warn(text);
          }
        },
        config.supervisorRestarts(),
        config.supervisorWindow(),
        config.supervisorCooldown());
  }

  /** Sets how the pool is seen and pinged. Called before the start. */
  void sees(
      Supplier<PoolSnapshot> snapshot, Function<CallRequest, CompletableFuture<Object>> call) {
    snapshots = snapshot;
    calls = call;
  }

  /** Begins to look. Called on the reactor. */
  void start() {
    errors.start();
    told = new PoolHealth(context.config().name(), PoolHealth.Status.HEALTHY, List.of());
    lookLater(round);
  }

  /** Looks as often as the settings say now. Called on the reactor. */
  void settingsChanged() {
    round++;
    lookLater(round);
  }

  private void lookLater(int mine) {
    Duration interval = context.config().healthCheckInterval();
    if (!interval.isZero()) {
      context
          .reactor()
          .schedule(
              WorkerPool.nanos(interval),
              TimeUnit.NANOSECONDS,
              () -> {
                if (mine == round) {
                  lookLater(mine);
                  look();
                }
              });
    }
  }

  private void look() {
    PoolHealth now = health();
    if (now.status() != told.status()) {
      told = now;
      crew.announcer().tell(l -> l.onPoolHealth(now));
    }
  }

  Circuits circuits() {
    return circuits;
  }

  /**
   * Has the pool break circuits itself, since no guard stands before it. For whoever puts a way of
   * calls before the pool; {@code fault-tolerance=core} says the same.
   */
  public void breakCircuits() {
    circuits.beginAll();
  }

  // ---- circuits

  /**
   * The circuits that count failures or refuse calls; all others are closed.
   *
   * @return by name, {@code *} being the pool's own
   */
  public List<CircuitView> circuitViews() {
    return circuits.views();
  }

  /**
   * One circuit.
   *
   * @param name {@code *} for the pool's own, else the group's name
   * @return how it is; closed when no call of it has failed of late
   */
  public CircuitView circuit(String name) {
    return circuits.view(name);
  }

  /**
   * Refuses the calls of a function from now on, until {@link #resetCircuit} of its name; for one
   * that does harm, such as by an input that kills its worker. Calls that run go on.
   *
   * @param function {@code module:function}, or {@code module:*} for all of a module
   * @param by who wants it, for the record
   * @throws IllegalArgumentException when it names no function, or one of the pool's own
   * @throws IllegalStateException when so many are blocked already that it cannot be by hand
   */
  public void blockFunction(String function, String by) {
    circuits.block(function, by);
  }

  /**
   * Closes a circuit and forgets its failures: the cause has been removed.
   *
   * @param name {@code *} for the pool's own, else the group's name, or a blocked function's
   * @return whether there was anything to reset
   */
  public boolean resetCircuit(String name) {
    return circuits.reset(name);
  }

  /** Closes every circuit. */
  public void resetCircuits() {
    circuits.views().forEach(view -> circuits.reset(view.name()));
  }

  /**
   * Calls that circuits have refused.
   *
   * @return how many since the start
   */
  public long refusedByCircuits() {
    return circuits.refused();
  }

  // ---- errors

  /**
   * Advises on a failure, knowing the pool.
   *
   * @param failure the failure
   * @param attempt how often the call has been tried, from 1
   * @param userFacing whether a person waits for the answer
   * @return what it is worth and what had best be done
   */
  public Advice advise(PythonPoolException failure, int attempt, boolean userFacing) {
    boolean all = serving(snapshots.get()) == 0;
    return ErrorHandling.advise(failure, new ErrorHandling.Facts(attempt, all, userFacing));
  }

  /**
   * The last alerts.
   *
   * @return newest first
   */
  public List<ErrorAlert> alerts() {
    return errors.alerts();
  }

  /**
   * Calls and failures since the start or the last reset.
   *
   * @return the counts
   */
  public Counts errorTotals() {
    return errors.total();
  }

  /**
   * Calls and failures within {@code error-alert-window}.
   *
   * @return the counts; zero without {@code error-alerts}
   */
  public Counts recentErrors() {
    return errors.recent();
  }

  /** Forgets counts and alerts. */
  public void resetErrors() {
    errors.reset();
  }

  /** Sends an alert that says that it is a test. */
  public void sendTestAlert() {
    context.reactor().execute(() -> errors.alert(ErrorAlert.Kind.TEST));
  }

  // ---- supervision and health

  /**
   * Why the pool has failed.
   *
   * @return the supervisor's reason, or empty
   */
  public String failure() {
    return crew.supervisor().reason();
  }

  /**
   * Tries a failed pool again: the cause has been removed. Nothing happens to one that has not
   * failed.
   */
  public void restart() {
    context.reactor().execute(() -> crew.supervisor().revive());
  }

  /**
   * The pool's health as it is known, without asking anybody.
   *
   * @return the verdict, with reasons
   */
  public PoolHealth health() {
    PoolSnapshot now = snapshots.get();
    List<String> open =
        circuits.views().stream()
            .filter(view -> view.state() != BreakerState.CLOSED)
            .map(CircuitView::name)
            .toList();
    PoolHealth own = judge(now, open);
    ServiceView services = now.services();
    return services.inPlace() ? own.servedInPlace(services.describe()) : own;
  }

  private PoolHealth judge(PoolSnapshot now, List<String> open) {
    return PoolMonitor.judge(
        new PoolMonitor.Facts(
            context.config().name(),
            now.size(),
            context.config().start() == StartMode.LAZY,
            serving(now),
            now.states().get(WorkerState.DEGRADED),
            now.waiting(),
            now.suspended(),
            now.fault(),
            now.upkeep().breaker().state(),
            open,
            failedPing));
  }

  private static int serving(PoolSnapshot now) {
    return now.states().get(WorkerState.READY) + now.states().get(WorkerState.BUSY);
  }

  /**
   * Pings the pool as a call would, within {@code health-check-timeout}, and judges it then.
   *
   * @return always ends in a verdict
   */
  public CompletableFuture<PoolHealth> check() {
    Duration timeout = context.config().life().healthCheckTimeout();
    CallRequest ping =
        CallRequest.probe(PING, timeout).within(timeout, timeout).withoutFallback(0, timeout);
    return calls
        .apply(ping)
        .handle(
            (value, failure) -> {
              checks.increment();
              failedPing = failure == null ? "" : String.valueOf(failure.getMessage());
              if (failure != null) {
                failedChecks.increment();
              }
              lastCheck = context.clock().instant();
              return health();
            });
  }

  /**
   * What the monitor has done.
   *
   * @return its numbers
   */
  public MonitorView monitor() {
    return new MonitorView(
        checks.sum(),
        failedChecks.sum(),
        lastCheck,
        crew.supervisor().restarts(),
        Duration.ofNanos(context.nanoTime().getAsLong() - started));
  }
}
