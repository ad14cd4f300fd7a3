// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.serpentry.api.CodeReloadException;
import org.serpentry.api.ErrorContext;
import org.serpentry.api.PythonCallException;
import org.serpentry.api.WorkerState;
import org.serpentry.environment.CodeSnapshot;
import org.serpentry.spi.PoolListener.RecycleReason;
import org.serpentry.spi.ReloadEvent;
import org.serpentry.spi.ReloadEvent.Step;
import org.serpentry.transport.Reactor;
import org.serpentry.worker.ExitReport;
import org.serpentry.worker.TemplateFailure;
import org.serpentry.worker.Worker;

/**
 * Loads the code anew: a snapshot of it gets a template beside the one that serves, the first
 * worker of that is tried out before it may serve (the canary), and then the others are replaced
 * one by one. Until the canary has proved itself every other new worker comes from the former code;
 * the former template lives until the last worker has been replaced. Whatever fails before that
 * leads back to the former code.
 *
 * <p>Everything runs on the reactor except {@link #request}. What happens to workers and templates
 * is told here by {@link #look}, which only ever acts on what it finds.
 */
final class CodeReloads {

  private static final long LOOK_MILLIS = 20;

  /** Deaths of new workers before their first call that a roll puts up with. */
  private static final int MOST_DEATHS = 3;

  private static final RecycleReason WHY = RecycleReason.demanded("code reload");

  private enum Phase {
    NONE,
    COPYING,
    IMPORTING,
    CANARY,
    ROLLING,
    ROLLING_BACK
  }

  private final PoolContext context;
  private final Crew crew;

  private Canary examiner;
  private Phase phase = Phase.NONE;
  private final ReloadRequests requests;
  private ReloadRequests.Request running;
  private CodeSnapshot code;
  private CodeSnapshot former;
  private long begin;
  private int canarySlot;
  private Worker canary;
  private int deaths;
  private Reactor.Timer patience;
  private boolean closed;

  CodeReloads(PoolContext context, Crew crew, Failures failures) {
    this.context = context;
    this.crew = crew;
    this.requests = new ReloadRequests(context, this, failures);
  }

  /** Begins to watch the code, where the settings say so. */
  void begin(Canary canaries) {
    examiner = canaries;
    if (context.config().life().watchCode()) {
      new CodeWatch(context, crew.announcer(), this::requestIfChanged).start();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // listeners hear what becomes of it
  private void requestIfChanged() {
    requests.add(new ReloadRequests.Request(ReloadRequests.Kind.IF_CHANGED));
  }

  /** Asks for a reload. One that comes while another runs waits for it; several such are one. */
  CompletableFuture<CodeReload> request() {
    return requests.add(new ReloadRequests.Request(ReloadRequests.Kind.ANEW));
  }

  /** Asks for other workers of the same code, with the settings of now. */
  CompletableFuture<CodeReload> requestAsItIs() {
    return requests.add(new ReloadRequests.Request(ReloadRequests.Kind.AS_IT_IS));
  }

  /** Asks for the way back to the code before the last reload, which is tried out as any other. */
  CompletableFuture<CodeReload> requestBack() {
    return requests.add(new ReloadRequests.Request(ReloadRequests.Kind.BACK));
  }

  void start(ReloadRequests.Request done) {
    phase = Phase.COPYING;
    running = done;
    begin = context.nanoTime().getAsLong();
    former = crew.nursery().templates().code();
    code = null;
    canary = null;
    canarySlot = -1;
    deaths = 0;
    if (done.kind() == ReloadRequests.Kind.AS_IT_IS) {
      copied(former);
      return;
    }
    if (done.kind() == ReloadRequests.Kind.BACK) {
      CodeSnapshot earlier = crew.nursery().templates().earlier();
      if (earlier == null) {
        fail("there is no earlier code: none has been replaced since the start", "", null);
      } else {
        copied(earlier);
      }
      return;
    }
    boolean taken = context.chores().execute(this::copy);
    if (!taken) {
      close();
    }
  }

  /** Off the reactor. */
  private void copy() {
    try {
      CodeSnapshot taken = context.code().take();
      context.reactor().execute(() -> copied(taken));
    } catch (IOException | RuntimeException e) {
      context
          .reactor()
          .execute(() -> fail("it could not be copied from its directories: " + e, "", e));
    }
  }

  private void copied(CodeSnapshot taken) {
    if (closed) {
      return; // The source's owner deletes what is left.
    }
    if (running.kind() == ReloadRequests.Kind.IF_CHANGED && taken.hash().equals(former.hash())) {
      crew.nursery().templates().discard(taken);
      running.complete(new CodeReload(former.hash(), former.hash(), 0, java.time.Duration.ZERO));
      over();
      return;
    }
    code = taken;
    phase = Phase.IMPORTING;
    tell(Step.STARTED, "the code is loaded anew, from " + former.hash() + " to " + code.hash());
    patience =
        context
            .reactor()
            .schedule(
                2 * context.config().startTimeout().toMillis(),
                TimeUnit.MILLISECONDS,
                () -> refused("no launcher was there to import it", null));
    crew.nursery().templates().tryOut(code);
    crew.nursery().prepare();
  }

  // ---- what happens meanwhile

  /** Something has happened to a worker or a template. */
  void look() {
    switch (phase) {
      case IMPORTING -> {
        if (crew.nursery().templates().trialReady()) {
          patience.cancel();
          phase = Phase.CANARY;
          look();
        }
      }
      case CANARY -> sendCanary();
      case ROLLING, ROLLING_BACK -> rollOn();
      default -> {}
    }
  }

  private void lookAgain() {
    context.reactor().schedule(LOOK_MILLIS, TimeUnit.MILLISECONDS, this::look);
  }

  /** The new template failed, or was lost. */
  void refused(String reason, TemplateFailure failure) {
    if (phase != Phase.IMPORTING && phase != Phase.CANARY) {
      return;
    }
    String traceback =
        failure != null
                && failure.error() != null
                && failure.error().get("traceback") instanceof String text
            ? text
            : "";
    fail(reason, traceback, null);
  }

  /** The template that serves failed; true when the way back to the former code answers that. */
  boolean servingFailed(TemplateFailure failure) {
    if (phase != Phase.ROLLING) {
      return false;
    }
    fail("its template failed: " + failure.describe(), "", null);
    return true;
  }

  // ---- the canary

  /** Whether the next worker of a slot is to be the canary. */
  boolean tries(Slot slot) {
    return phase == Phase.CANARY && slot.number() == canarySlot;
  }

  private void sendCanary() {
    if (canary != null) {
      return;
    }
    Optional<Slot> place =
        crew.slots().stream()
            .filter(slot -> slot.incoming() == null && !slot.drained())
            .min(Comparator.comparing(CodeReloads::disturbance).thenComparing(Slot::number));
    if (place.isEmpty()) {
      lookAgain();
      return;
    }
    Slot slot = place.get();
    canarySlot = slot.number();
    if (slot.empty()) {
      crew.spawnInto(slot);
    } else if (!crew.turnover().recycle(slot, WHY)) {
      lookAgain();
    }
  }

  private static int disturbance(Slot slot) {
    Worker worker = slot.current();
    if (worker == null || worker.retiring()) {
      return 2;
    }
    return worker.machine().state() == WorkerState.READY ? 0 : 1;
  }

  /** A worker is being started. */
  void spawned(Worker worker) {
    crew.nursery().templates().spawned(worker);
    if (phase == Phase.CANARY && crew.nursery().templates().onTrial(worker)) {
      canary = worker;
    }
  }

  /** Whether a worker that has arrived must prove itself first; the trial begins then. */
  boolean holds(Worker worker) {
    if (phase != Phase.CANARY || worker != canary) {
      return false;
    }
    examiner.tryOut(worker, failure -> judged(worker, failure));
    return true;
  }

  private void judged(Worker worker, Throwable failure) {
    if (phase != Phase.CANARY || worker != canary) {
      return;
    }
    if (failure != null) {
      Throwable cause = failure instanceof CompletionException e ? e.getCause() : failure;
      String traceback = cause instanceof PythonCallException e ? e.traceback() : "";
      fail("its first worker failed its probe: " + cause.getMessage(), traceback, cause);
      return;
    }
    crew.nursery().templates().promote();
    phase = Phase.ROLLING;
    tell(Step.CANARY_PASSED, "the first worker of the new code has proved itself");
    if (crew.restarts().open()) {
      crew.restarts().reset(); // What kept dying was the former code.
    }
    crew.enter(worker);
    crew.fill();
    look();
  }

  /** A worker has ended; {@code arrived} tells whether it had become ready. */
  void ended(Worker worker, ExitReport report, boolean arrived) {
    if (phase == Phase.CANARY && worker == canary) {
      fail("its first worker ended: " + report.explain(), "", null);
    } else if (phase == Phase.ROLLING
        && !arrived
        && crew.nursery().templates().upToDate(worker)
        && ++deaths > MOST_DEATHS) {
      fail("its workers do not start: " + report.explain(), "", null);
    }
    crew.nursery().templates().ended(worker);
    look();
  }

  // ---- the roll

  private void rollOn() {
    boolean waits = !crew.nursery().ready();
    for (Slot slot : List.copyOf(crew.slots())) {
      Worker worker = slot.current();
      boolean due = worker != null && !crew.nursery().templates().upToDate(worker);
      if (slot.incoming() != null || (due && worker.retiring())) {
        waits = true;
      }
    }
    if (waits) {
      return; // One at a time; the arrival or end of whatever is waited for is told.
    }
    for (Slot slot : crew.slots().stream().sorted(Comparator.comparing(Slot::number)).toList()) {
      Worker worker = slot.current();
      if (worker != null && !crew.nursery().templates().upToDate(worker)) {
        if (!crew.turnover().recycle(slot, WHY)) {
          lookAgain();
        }
        return;
      }
    }
    finish();
  }

  private void finish() {
    boolean good = phase == Phase.ROLLING;
    if (good) {
      crew.nursery().templates().settle();
      long nanos = context.nanoTime().getAsLong() - begin;
      int workers = (int) crew.slots().stream().filter(slot -> slot.current() != null).count();
      tell(
          Step.DONE,
          "%d workers run code %s now, after %d ms"
              .formatted(workers, code.hash(), nanos / 1_000_000));
      running.complete(
          new CodeReload(code.hash(), former.hash(), workers, java.time.Duration.ofNanos(nanos)));
    }
    crew.nursery().templates().tidy();
    over();
  }

  private void over() {
    phase = Phase.NONE;
    running = null;
    requests.next();
  }

  private void fail(String reason, String traceback, Throwable cause) {
    if (closed || phase == Phase.NONE || phase == Phase.ROLLING_BACK) {
      return;
    }
    Phase failedIn = phase;
    phase = Phase.ROLLING_BACK;
    if (patience != null) {
      patience.cancel();
    }
    CodeReloadException failure =
        new CodeReloadException(
            ErrorContext.ofPool(context.config().name())
                .with("codeHash", code == null ? "" : code.hash()),
            reason,
            traceback,
            cause);
    if (failedIn == Phase.ROLLING) {
      crew.nursery().templates().rollBack();
    } else {
      crew.nursery().templates().dropTrial();
    }
    if (canary != null && failedIn == Phase.CANARY && !canary.exit().isDone()) {
      crew.turnover().condemn(canary, "the new code was refused");
    }
    tell(Step.FAILED, failure.getMessage());
    running.completeExceptionally(failure);
    crew.fill();
    look();
  }

  private void tell(Step step, String text) {
    ReloadEvent event =
        new ReloadEvent(context.config().name(), step, code == null ? "" : code.hash(), text);
    crew.announcer().tell(l -> l.onReload(event));
    if (step == Step.FAILED) {
      crew.announcer().warn(text);
    } else {
      crew.announcer().inform(text);
    }
  }

  /** The pool is being closed. */
  void close() {
    closed = true;
    phase = Phase.NONE;
    if (patience != null) {
      patience.cancel();
    }
    requests.close(running);
  }
}
