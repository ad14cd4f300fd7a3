// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.serpentry.attachment.SharedMemory;
import org.serpentry.config.LiveConfig;
import org.serpentry.config.StartMode;
import org.serpentry.telemetry.FlightRecorder;
import org.serpentry.worker.RunningCall;
import org.serpentry.worker.Worker;

/**
 * The operator's desk of a running pool, beside {@link PoolControl}: settings that change while it
 * runs, its figures, single calls and single slots. Any thread may call what is public; a change is
 * carried out by the pool's control thread, and the caller waits for its acceptance.
 */
public final class PoolOperator {

  /** Who cancels, in the exception of a call that an operator gives up. */
  static final String NAME = "an operator";

  private final WorkerPool pool;
  private final PoolContext context;
  private final Crew crew;
  private final Clinic clinic;
  private final Measures measures;
  private final SlowCalls slowCalls;
  private final SlotDrains drains;
  private final LogLevels logLevels;
  private final LivePlaces places;

  PoolOperator(WorkerPool pool, Clinic clinic, Measures measures) {
    this.pool = pool;
    this.context = pool.context();
    this.crew = pool.crew();
    this.clinic = clinic;
    this.measures = measures;
    this.slowCalls = new SlowCalls(context, crew);
    measures.tells(slowCalls);
    this.drains = new SlotDrains(context, crew);
    this.logLevels = new LogLevels(pool);
    this.places = new LivePlaces(context.config(), crew);
  }

  /** Begins to measure and to look. Called on the reactor. */
  void start() {
    measures.start();
    slowCalls.start();
    context.listeners().attach(logLevels);
    FlightRecorder.listener().ifPresent(context.listeners()::attach);
  }

  SlowCalls slowCalls() {
    return slowCalls;
  }

  // ---- settings

  /**
   * The settings, as configured and as they are now.
   *
   * @return to be read; changes go through {@link #change}
   */
  public LiveConfig settings() {
    return context.live();
  }

  /**
   * Changes a setting of the running pool. Calls that run keep what they began with.
   *
   * @param key its key, without the pool's prefix
   * @param text its value, written as in the configuration
   * @param by who does it, for the record
   * @return what the change takes, where workers must be replaced for it, else empty: it ends when
   *     they have been, for {@code interpreter} when the first one serves
   * @throws IllegalStateException naming what is wrong; nothing is changed then
   */
  public Optional<CompletableFuture<?>> change(String key, String text, String by) {
    return pool.control()
        .ask(
            () -> {
              if (key.equals("interpreter") && pool.config().requirements().isPresent()) {
                throw new IllegalStateException(
                    "interpreter cannot be changed beside requirements, which make the environment"
                        + " that the workers run in; deploy anew");
              }
              if (key.equals(LivePlaces.KEY)) {
                places.check(text);
              }
              String before = context.live().text(key);
              context.live().change(key, text, by);
              return Optional.ofNullable(changed(key, before));
            });
  }

  /**
   * Whoever acts on a setting by itself, instead of asking for it at each use, hears here. What
   * takes longer is returned, else null.
   */
  private CompletableFuture<?> changed(String key, String before) {
    switch (key) {
      case LivePlaces.KEY -> {
        return places.changed(context.live(), before);
      }
      case "interpreter" -> {
        return new Renewal(context, crew)
            .begin("its interpreter is " + pool.config().interpreter() + " now");
      }
      case "size", "max-size" -> crew.resize();
      case "queue-capacity" -> pool.checkout().waiters().capacity(pool.config().queueCapacity());
      case "idle-timeout",
          "max-requests",
          "max-age",
          "max-rss",
          "recycle-jitter",
          "memory-check-interval" ->
          crew.recycling().settingsChanged();
      case "health-check-interval", "health-check-timeout" -> {
        clinic.settingsChanged();
        pool.control().resilience().settingsChanged();
      }
      case "slow-call-threshold", "slow-call-thresholds" -> slowCalls.start();
      case "log-level" -> logLevels.changed();
      case "shared-memory-directory" ->
          context.memory().directory(pool.config().attachments().sharedMemoryDirectory());
      default -> {} // It is asked for at each use.
    }
    return null;
  }

  /**
   * Goes back to the code that served before the last reload, as {@link PoolControl#reloadCode}
   * goes on to new code: its first worker must prove itself before it serves. Once more leads
   * forward again.
   *
   * @return ends when every worker runs it, or exceptionally: with {@link
   *     org.serpentry.api.CodeReloadException} when it does not serve or there is none, with
   *     IllegalStateException while code is being loaded
   */
  public CompletableFuture<CodeReload> rollbackCode() {
    return crew.reloads().requestBack();
  }

  // ---- figures

  /**
   * What has been measured.
   *
   * @return the figures now
   */
  public PoolFigures figures() {
    return new PoolFigures(
        measures.latency().lastMinute(),
        measures.latency().sinceStart(),
        measures.lastError(),
        pool.control().suspendedSince(),
        drained(),
        crew.outage().served() || pool.config().start() == StartMode.LAZY,
        pool.control().resilience().monitor().uptime(),
        Duration.ofNanos(measures.silentNanos()));
  }

  private Set<Integer> drained() {
    Set<Integer> drained = new TreeSet<>();
    for (Slot slot : crew.slots()) {
      if (slot.drained()) {
        drained.add(slot.number());
      }
    }
    return drained;
  }

  /**
   * Forgets latencies, the longest wait, the last error and the counts of the error alerts. Totals
   * since the start stay, since monitoring makes rates of them.
   */
  public void resetStatistics() {
    measures.reset();
    pool.checkout().waiters().forgetLongest();
    pool.control().resilience().resetErrors();
  }

  /**
   * The memory that the pool shares with its workers.
   *
   * @return to be looked at
   */
  public SharedMemory sharedMemory() {
    return context.memory();
  }

  // ---- calls and slots

  /**
   * The calls that run now.
   *
   * @return the longest running first
   */
  public List<Running> running() {
    long now = context.nanoTime().getAsLong();
    return crew.slots().stream()
        .map(Slot::current)
        .filter(worker -> worker != null)
        .flatMap(
            worker ->
                crew.lanes().allRunning(worker).stream()
                    .map(call -> new Running(worker.slot(), worker.pid(), call, now)))
        .sorted((a, b) -> Long.compare(b.nanos(), a.nanos()))
        .toList();
  }

  /**
   * A call that runs.
   *
   * @param slot the slot of its worker
   * @param pid its worker's process
   * @param call the call
   * @param now the moment of the look, as {@code nanoTime}
   */
  public record Running(int slot, int pid, RunningCall call, long now) {
    /** How long it has been running. */
    public long nanos() {
      return now - call.since();
    }
  }

  /**
   * Gives a call up: its caller gets a {@link org.serpentry.api.CallCancelledException} at once,
   * and Python is asked to stop; if it does not, the ladder is climbed.
   *
   * @param request its request id
   * @return what happens next, with the times, or empty when no such call runs
   */
  public Optional<String> cancelCall(long request) {
    return pool.control().ask(() -> cancel(request));
  }

  private Optional<String> cancel(long request) {
    for (Slot slot : crew.slots()) {
      Worker worker = slot.current();
      if (worker != null && cancel(worker, request)) {
        return Optional.of(
            "Request %d on %s is asked to stop. If it does not, its stacks are dumped after %d ms, %s"
                .formatted(
                    request,
                    crew.announcer().ref(worker),
                    context.config().cancelGrace().toMillis(),
                    after(worker)));
      }
    }
    return Optional.empty();
  }

  private boolean cancel(Worker worker, long request) {
    if (crew.lanes().abort(worker, request)) {
      return true;
    }
    RunningCall running = worker.running();
    if (running == null || running.id() != request) {
      return false;
    }
    for (AsyncCall call : List.copyOf(pool.control().asyncCalls())) {
      if (call.abort(request)) {
        return true;
      }
    }
    worker.channel().abandon(request); // The caller's own thread does the rest.
    return true;
  }

  private String after(Worker worker) {
    return worker.machine().places() > 1
        ? "and its worker ends when its other calls have ended."
        : "SIGTERM follows %d ms after that and SIGKILL another %d ms later."
            .formatted(
                context.config().dumpGrace().toMillis(), context.config().termGrace().toMillis());
  }

  /**
   * Has the worker of a slot leave after its call, and keeps the slot empty until {@link #refill}.
   *
   * @param slot the slot's number
   * @return ends when it is empty
   * @throws IllegalArgumentException when there is no such slot
   * @throws IllegalStateException when it is drained already
   */
  public CompletableFuture<Void> drain(int slot) {
    return onSlot(slot, drains::drain);
  }

  /**
   * Starts a worker in a drained slot.
   *
   * @param slot the slot's number
   * @return ends when it serves, exceptionally when none can be started now
   * @throws IllegalArgumentException when there is no such slot
   * @throws IllegalStateException when it is not drained
   */
  public CompletableFuture<Void> refill(int slot) {
    return onSlot(slot, drains::refill);
  }

  /**
   * Replaces the worker of a slot, as {@link PoolControl#recycleWorker} does.
   *
   * @param slot the slot's number
   * @return ends when the new one serves, exceptionally when it did not start
   * @throws IllegalArgumentException when there is no such slot
   * @throws IllegalStateException when it is empty or is being replaced already
   */
  public CompletableFuture<Void> recycle(int slot) {
    return onSlot(slot, drains::recycle);
  }

  private CompletableFuture<Void> onSlot(
      int slot, BiConsumer<Slot, CompletableFuture<Void>> action) {
    pool.control().requireSlot(slot);
    CompletableFuture<Void> done = new CompletableFuture<>();
    pool.control()
        .ask(
            () -> {
              Slot place = crew.slot(slot);
              if (place == null) {
                throw new IllegalStateException("Slot " + slot + " has gone");
              }
              action.accept(place, done);
              return true;
            });
    return done;
  }
}
