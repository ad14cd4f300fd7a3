// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.serpentry.api.BreakerState;
import org.serpentry.api.Health;
import org.serpentry.config.LifeConfig;
import org.serpentry.recovery.CrashBreaker;
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
  private static final long NOTHING = 0;
  private static final String KILL = "SIGKILL";

  private final PoolContext context;
  private final Crew crew;
  private final CrashBreaker breaker;
  private final OomEvidence outOfMemory = new OomEvidence(Path.of("/"));
  private final Set<Long> killed = new HashSet<>();
  private BiConsumer<Worker, Consumer<Boolean>> prober;
  private ExitReport lastDeath = ExitReport.unseen("");
  private long onTrial;

  Restarts(PoolContext context, Crew crew) {
    this.context = context;
    this.crew = crew;
    LifeConfig life = context.config().life();
    this.breaker =
        new CrashBreaker(
            life.crashLimit(), life.crashWindow(), life.crashPause(), context.nanoTime());
  }

  /** Sets how a worker on trial is tried; it is given leased, and gives itself back. */
  void probeBy(BiConsumer<Worker, Consumer<Boolean>> call) {
    prober = call;
  }

  // ---- deaths

  /** The pool kills a worker. */
  void kills(Worker worker) {
    killed.add(worker.id());
  }

  /** What has been evidence of others' want of memory for long is none for the next death. */
  void age() {
    outOfMemory.age();
  }

  /** The report of an end, with who did it where that is not the pool. */
  ExitReport explained(Worker worker, ExitReport report) {
    boolean byPool = killed.remove(worker.id());
    if (byPool || !KILL.equals(report.signal())) {
      return report;
    }
    return report.because(
        outOfMemory.take()
            ? "out of memory: the kernel counted a kill in the control group"
            : context.config().life().maxCpu().isZero()
                ? "killed from outside"
                : "killed from outside or by the kernel at max-cpu");
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
    boolean atStart = worker.served() == 0 && worker.hasBegun(NOTHING);
    boolean early = !expected && !livedWell && (atStart || trial);
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

  private void announce(CrashBreaker.Change change) {
    BreakerChange told =
        new BreakerChange(context.config().name(), change.from(), change.to(), change.cause());
    crew.announcer().tell(l -> l.onBreaker(told));
    switch (change.to()) {
      case OPEN -> {
        crew.announcer()
            .warn(
                "the crash breaker is open: no worker is started for %s; the last one ended by %s"
                    .formatted(context.config().life().crashPause(), change.cause()));
        context
            .reactor()
            .schedule(
                context.config().life().crashPause().toMillis() + 1,
                TimeUnit.MILLISECONDS,
                () -> changed(breaker.halfOpen()));
        crew.outage().noneStarts();
      }
      case HALF_OPEN -> {
        crew.announcer().inform("the crash breaker is half open: one worker is tried");
        crew.slots().forEach(slot -> slot.backingOff(false));
        crew.fill();
      }
      case CLOSED -> {
        crew.announcer().inform("the crash breaker is closed: " + change.cause());
        crew.slots().forEach(Slot::forgetEarlyDeaths);
        crew.slots().forEach(slot -> slot.backingOff(false));
        crew.outage().over();
        crew.fill();
      }
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
