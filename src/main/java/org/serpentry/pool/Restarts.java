// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.serpentry.api.BreakerState;
import org.serpentry.api.Health;
import org.serpentry.config.LifeConfig;
import org.serpentry.recovery.CrashBreaker;
import org.serpentry.recovery.Killers;
import org.serpentry.recovery.OomEvidence;
import org.serpentry.spi.PoolListener.BreakerChange;
import org.serpentry.worker.ExitReport;
import org.serpentry.worker.Worker;

/**
 * What deaths mean for the pool: who killed a worker, whether it died too early to be replaced at
 * once, and whether the crash breaker lets any be started. Everything runs on the reactor, except
 * {@link #view}.
 */
final class Restarts {

  private static final long HEALTHY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final PoolContext context;
  private final Crew crew;
  private final CrashBreaker breaker;
  private final Killers killers;
  private BiConsumer<Worker, Consumer<Boolean>> prober;
  private ExitReport lastDeath = ExitReport.unseen("");
  private long onTrial;

  Restarts(PoolContext context, Crew crew) {
    this.context = context;
    this.crew = crew;
    LifeConfig life = context.config().life();
    this.killers = new Killers(new OomEvidence(Path.of("/")), !life.maxCpu().isZero());
    this.breaker =
        new CrashBreaker(
            life.crashLimit(), life.crashWindow(), life.crashPause(), context.nanoTime());
  }

  /** Sets how a worker on trial is tried; it is given leased, and gives itself back. */
  void probeBy(BiConsumer<Worker, Consumer<Boolean>> call) {
    prober = call;
  }

  // ---- deaths

  /** Who killed whom. */
  Killers killers() {
    return killers;
  }

  /** The report of an end, with who did it where that is not the pool. */
  ExitReport explained(Worker worker, ExitReport report) {
    String killer = killers.of(worker.id(), report.signal());
    return killer.isEmpty() ? report : report.because(killer);
  }

  /** A worker has ended; returns whether it died before it served a call, which slows restarts. */
  boolean ended(Slot slot, Worker worker, Tenure tenure, ExitReport report, boolean expected) {
    boolean trial = onTrial == worker.id();
    if (trial) {
      onTrial = 0;
    }
    boolean livedWell =
        tenure != null
            && tenure.age(context.nanoTime().getAsLong()) >= HEALTHY_NANOS
            && worker.health() != Health.UNHEALTHY;
    if (livedWell) {
      slot.forgetEarlyDeaths();
    }
    // Who had begun a call died of that call rather than at its start.
    boolean atStart = worker.served() == 0 && !worker.hasBegunAny();
    // Neither the end of the launcher, with all its workers, nor an operator's kill says anything
    // about a worker.
    boolean byLauncher = crew.nursery().launcherPid() == 0;
    boolean byOperator = "SIGKILL".equals(report.signal()) && report.reason().isEmpty();
    boolean early = !expected && !byLauncher && !byOperator && !livedWell && (atStart || trial);
    if (early) {
      slot.diedEarly();
      died(report);
    }
    return early;
  }

  private void died(ExitReport report) {
    lastDeath = report;
    changed(breaker.died(report.explain()));
  }

  // ---- the breaker

  /** Whether a worker may be started now. */
  boolean mayStart() {
    return switch (breaker.state()) {
      case CLOSED -> true;
      case OPEN -> false;
      case HALF_OPEN -> onTrial == 0;
    };
  }

  /** A worker is being started. */
  void started(Worker worker) {
    if (breaker.state() == BreakerState.HALF_OPEN) {
      onTrial = worker.id();
    }
  }

  /** A worker has shaken hands; true when it is on trial: its probe has begun then. */
  boolean tries(Worker worker) {
    if (onTrial != worker.id() || !worker.machine().tryLease()) {
      return false;
    }
    prober.accept(worker, well -> context.reactor().execute(() -> tried(worker, well)));
    return true;
  }

  private void tried(Worker worker, boolean well) {
    if (onTrial != worker.id()) {
      return; // It has died, which has been counted.
    }
    onTrial = 0;
    if (well) {
      changed(breaker.proved());
    } else {
      died(ExitReport.unseen("the worker on trial did not answer its probe"));
    }
  }

  /** Closes the breaker by hand. */
  void reset() {
    onTrial = 0;
    changed(breaker.reset());
  }

  private void changed(Optional<CrashBreaker.Change> change) {
    change.ifPresent(this::announce);
  }

  /** Acts on a change before it tells it: whoever hears of it finds the pool as it says. */
  private void announce(CrashBreaker.Change change) {
    Duration pause = context.config().life().crashPause();
    String text =
        switch (change.to()) {
          case OPEN -> {
            crew.outage().noneStarts();
            context
                .reactor()
                .schedule(
                    WorkerPool.nanos(pause),
                    TimeUnit.NANOSECONDS,
                    () -> changed(breaker.halfOpen()));
            yield "the crash breaker is open: no worker is started for %s; the last one ended by %s"
                .formatted(pause, change.cause());
          }
          case HALF_OPEN -> {
            crew.slots().forEach(slot -> slot.backingOff(false));
            crew.fill();
            yield "the crash breaker is half open: one worker is tried";
          }
          case CLOSED -> {
            crew.slots().forEach(Slot::forgetEarlyDeaths);
            crew.slots().forEach(slot -> slot.backingOff(false));
            crew.outage().over();
            crew.fill();
            yield "the crash breaker is closed: " + change.cause();
          }
        };
    BreakerChange told =
        new BreakerChange(context.config().name(), change.from(), change.to(), change.cause());
    crew.announcer().tell(l -> l.onBreaker(told));
    if (change.to() == BreakerState.OPEN) {
      crew.announcer().warn(text);
    } else {
      crew.announcer().inform(text);
    }
  }

  /** Whether the breaker keeps workers from being started. */
  boolean open() {
    return breaker.state() != BreakerState.CLOSED;
  }

  /** How the last worker died that counted. */
  ExitReport lastDeath() {
    return lastDeath;
  }

  /** How long the breaker stays open. */
  Duration remaining() {
    return breaker.remaining();
  }

  PoolSnapshot.BreakerView view() {
    return new PoolSnapshot.BreakerView(
        breaker.state(), breaker.deaths(), breaker.cause(), breaker.remaining().toMillis());
  }
}
