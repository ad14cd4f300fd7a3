// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.serpentry.api.PoolCounts;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.pool.Checkout.Barrier;
import org.serpentry.session.SessionStatistics;
import org.serpentry.spi.PoolListener.RecycleReason;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.worker.Launcher;
import org.serpentry.worker.Worker;

/**
 * Looks at a running pool and changes it: what JMX and health stand on. Any thread may call.
 * Reading takes no lock that calls need for longer than a queue operation; a change is carried out
 * by the pool's control thread, and the caller waits for its acceptance, not for its effect.
 */
public final class PoolControl {

  private static final long ASK_MILLIS = 5_000;

  // Before that the signal's handler may not stand, and the signal would end the worker.
  private static final Set<WorkerState> DUMPS =
      EnumSet.of(WorkerState.READY, WorkerState.BUSY, WorkerState.DEGRADED);

  private static final RecycleReason BY_OPERATOR = RecycleReason.demanded("operator");

  private final PoolContext context;
  private final Crew crew;
  private final Checkout checkout;
  private final Failures failures;
  private final PoolViews views;
  private final PoolShutdown shutdown;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicReference<Instant> suspendedSince = new AtomicReference<>();
  private final Set<AsyncCall> asyncCalls = new HashSet<>();
  private final Resilience resilience;
  private volatile boolean closing;
  private final Services services;

  PoolControl(
      PoolContext context,
      Crew crew,
      Checkout checkout,
      Failures failures,
      CallCounters counters,
      Supplier<SessionStatistics> sessions,
      PoolShutdown shutdown,
      Resilience resilience) {
    this.context = context;
    this.crew = crew;
    this.checkout = checkout;
    this.failures = failures;
    this.views =
        new PoolViews(context, crew, checkout, counters, sessions, () -> services().view());
    this.services = new Services(context, crew, closed::get);
    this.shutdown = shutdown;
    this.resilience = resilience;
  }

  /**
   * Looks at everything.
   *
   * @return the pool as it is now
   */
  public PoolSnapshot snapshot() {
    return views.snapshot();
  }

  /**
   * Counts workers and waiting calls, for messages.
   *
   * @return the counts now
   */
  public PoolCounts counts() {
    return views.counts();
  }

  /**
   * The recorded moves of the worker of a slot, newest first.
   *
   * @param slot the slot's number
   * @return its history, empty while the slot is
   */
  public List<Transition> history(int slot) {
    return views.history(slot);
  }

  /**
   * What was decided about the last failures of workers.
   *
   * @return the last 200 decisions, newest first
   */
  public List<RecoveryEvent> decisions() {
    return crew.recoverer().decisions();
  }

  /**
   * What the pool does about failures of calls, and of its own parts.
   *
   * @return its circuits, alerts, supervision and health
   */
  public Resilience resilience() {
    return resilience;
  }

  /**
   * What answers the pool's calls.
   *
   * @return the pool itself, unless somebody has put others in its place
   */
  public Services services() {
    return services;
  }

  /**
   * Changes how many workers the pool keeps; the room for overflow stays as it is. Running calls
   * are not disturbed: a worker too many ends after its call.
   *
   * @param size at least 1
   */
  public void resize(int size) {
    resize(size, "the application");
  }

  /**
   * Changes how many workers the pool keeps, as {@link #resize(int)} does.
   *
   * @param size at least 1
   * @param by who does it, for the record
   */
  public void resize(int size, String by) {
    if (size < 1 || size > 10_000) {
      throw new IllegalArgumentException("A pool's size is from 1 to 10,000, not " + size);
    }
    ask(
        () -> {
          context.live().change("size", Integer.toString(size), by);
          crew.resize();
          return true;
        });
  }

  /**
   * Replaces the worker of a slot; the old one serves until the new one is ready.
   *
   * @param slot the slot's number
   * @throws IllegalArgumentException when there is no such slot
   * @throws IllegalStateException when it is empty or is being replaced already
   */
  public void recycleWorker(int slot) {
    requireSlot(slot);
    if (!ask(() -> crew.turnover().recycle(crew.slot(slot), BY_OPERATOR))) {
      throw new IllegalStateException(
          "Slot " + slot + " has no worker to replace now, or is being replaced already");
    }
  }

  void requireSlot(int slot) {
    if (crew.slot(slot) == null) {
      throw new IllegalArgumentException(
          "There is no slot %d; the pool has slots %s"
              .formatted(slot, crew.slots().stream().map(Slot::number).sorted().toList()));
    }
  }

  /**
   * Replaces every worker, one after the other, each as {@link #recycleWorker} does.
   *
   * @return ends when none of the workers serves that served at its call, or exceptionally, with an
   *     {@link IllegalStateException} that names the slots, when some could not be replaced
   */
  public CompletableFuture<Void> recycleWorkersOneByOne() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    ask(
        () -> {
          new RollingRecycle(crew, done).begin();
          return true;
        });
    return done;
  }

  /** Closes the crash breaker and forgets early deaths: the cause has been removed. */
  public void resetCrashBreaker() {
    ask(
        () -> {
          crew.restarts().reset();
          return true;
        });
  }

  /**
   * Loads the application's code anew and replaces every worker, one after the other, each as
   * {@link #recycleWorker} does. The first new worker must answer a ping and the health-check
   * function before it serves; when it does not, or the import fails, the code before it serves on.
   * A request that comes while another is carried out waits for it.
   *
   * @return ends when all have been replaced, or exceptionally with {@link
   *     org.serpentry.api.CodeReloadException} or {@link org.serpentry.api.PoolClosedException}
   */
  public CompletableFuture<CodeReload> reloadCode() {
    return crew.reloads().request();
  }

  /**
   * Kills the worker of a slot at once, its call with it; it is replaced.
   *
   * @param slot the slot's number
   * @throws IllegalArgumentException when there is no such slot or no worker in it
   */
  public void killWorker(int slot) {
    requireSlot(slot);
    boolean killed =
        ask(
            () -> {
              Slot place = crew.slot(slot); // It may have gone since.
              Worker worker = place == null ? null : place.current();
              if (worker != null) {
                crew.nursery().signal(worker, "kill");
              }
              return worker != null;
            });
    if (!killed) {
      throw new IllegalArgumentException("Slot " + slot + " is empty");
    }
  }

  /**
   * Has every worker that serves write down the Python stacks of all its threads. The calls that it
   * runs are not disturbed; what it writes goes to {@link org.serpentry.spi.PoolListener#onDump},
   * shortly, and never from a worker that is stopped.
   *
   * @return the workers that have been asked
   */
  public List<WorkerRef> requestStackDumps() {
    return ask(
        () ->
            crew.slots().stream()
                .map(Slot::current)
                .filter(worker -> worker != null && DUMPS.contains(worker.machine().state()))
                .map(
                    worker -> {
                      crew.nursery().signal(worker, "dump");
                      return crew.announcer().ref(worker);
                    })
                .toList());
  }

  /** Lets no new calls in, and ends those that wait; running calls go on. */
  public void suspend() {
    suspendedSince.compareAndSet(null, context.clock().instant());
    checkout.bar(Barrier.SUSPENDED, failures::suspended);
  }

  /**
   * Since when no calls are let in.
   *
   * @return the time, or null
   */
  public Instant suspendedSince() {
    return suspendedSince.get();
  }

  /** Lets calls in again. */
  public void resume() {
    suspendedSince.set(null);
    checkout.lift(Barrier.SUSPENDED);
  }

  <T> T ask(Supplier<T> question) {
    if (closing) {
      throw failures.closed();
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    AtomicBoolean settled = new AtomicBoolean(); // It has begun, or the one who asked has gone.
    Runnable task =
        () -> {
          if (!settled.compareAndSet(false, true)) {
            return; // He was told that it would not be done.
          }
          try {
            answer.complete(question.get());
          } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
          }
        };
    if (context.reactor().onThread()) {
      task.run(); // A listener asks: it would wait for itself.
    } else {
      context.reactor().execute(task);
    }
    try {
      return answer.get(ASK_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "The pool's control thread has not answered for " + ASK_MILLIS + " ms" + left(settled),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "Interrupted while the pool's control thread worked" + left(settled), e);
    }
  }

  private static String left(AtomicBoolean settled) {
    return settled.compareAndSet(false, true)
        ? "; nothing has been done, nor will be"
        : "; what was asked for has begun and may yet be done";
  }

  // ---- the end

  /**
   * Whether the pool has been closed.
   *
   * @return whether {@link WorkerPool#close} has been called
   */
  public boolean closed() {
    return closed.get();
  }

  boolean closing() {
    return closing;
  }

  /** The asynchronous calls that run. The reactor's. */
  Set<AsyncCall> asyncCalls() {
    return asyncCalls;
  }

  void asyncBegan(AsyncCall call) {
    asyncCalls.add(call);
  }

  void asyncEnded(AsyncCall call) {
    asyncCalls.remove(call);
  }

  /** Ends the pool: calls that wait fail at once, running ones have the drain's time. */
  void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    checkout.bar(Barrier.CLOSED, failures::closed);
    boolean interrupted = Thread.interrupted();
    Duration drain = context.config().shutdownTimeout();
    CompletableFuture<Void> drained = new CompletableFuture<>();
    context.reactor().execute(() -> crew.close(drained));
    interrupted |= !waitFor(drained, drain.toMillis());
    closing = true;
    CompletableFuture<Launcher> leaving = new CompletableFuture<>();
    context
        .reactor()
        .execute(
            () -> {
              List.copyOf(asyncCalls).forEach(AsyncCall::closeNow);
              crew.severAll();
              leaving.complete(crew.nursery().shutdown(context.config().termGrace().toMillis()));
            });
    shutdown.finish(leaving, context.config().termGrace().toMillis() + 3_000);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean waitFor(CompletableFuture<Void> drained, long millis) {
    try {
      drained.get(millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return true; // What still runs is ended now.
    } catch (InterruptedException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
