// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.serpentry.api.WorkerState;
import org.serpentry.config.StartMode;
import org.serpentry.pool.PoolControl;
import org.serpentry.pool.PoolSnapshot;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.RecoveryEvent;

/**
 * The pool bean. Reads from the cached snapshot; what an operation throws is made of the JDK's
 * types alone, since a console does not have this application's classes.
 */
final class PoolBean implements PythonPoolMXBean {

  private static final Logger LOG = System.getLogger(PoolBean.class.getName());

  private final String name;
  private final WorkerPool pool;
  private final PoolControl control;
  private final boolean lazy;
  private final SnapshotCache cache;
  private final Announcer announcer;
  private final OperationLog operations;
  private final Housekeeping housekeeping;
  private final Runnable changed;

  /**
   * A bean.
   *
   * @param changed runs after each operation
   */
  PoolBean(
      WorkerPool pool,
      SnapshotCache cache,
      Announcer announcer,
      OperationLog operations,
      Housekeeping housekeeping,
      Runnable changed) {
    this.name = pool.name();
    this.pool = pool;
    this.control = pool.control();
    this.lazy = pool.config().start() == StartMode.LAZY;
    this.cache = cache;
    this.announcer = announcer;
    this.operations = operations;
    this.housekeeping = housekeeping;
    this.changed = changed;
  }

  private PoolSnapshot now() {
    return cache.get();
  }

  private int workers(WorkerState state) {
    return now().states().get(state);
  }

  /** What its present state means. */
  Verdict verdict() {
    return control.closed() ? Verdict.closed() : Verdict.of(now(), lazy);
  }

  @Override
  public PoolStatus getStatus() {
    return verdict().status();
  }

  @Override
  public String getStatusReason() {
    return verdict().reason();
  }

  @Override
  public String getSuggestedAction() {
    return verdict().action();
  }

  @Override
  public int getSize() {
    return now().size();
  }

  @Override
  public int getMaxSize() {
    return now().maxSize();
  }

  @Override
  public int getWorkersInitializing() {
    return workers(WorkerState.INITIALIZING);
  }

  @Override
  public int getWorkersReady() {
    return workers(WorkerState.READY);
  }

  @Override
  public int getWorkersBusy() {
    return workers(WorkerState.BUSY);
  }

  @Override
  public int getWorkersDegraded() {
    return workers(WorkerState.DEGRADED);
  }

  @Override
  public int getWorkersTerminating() {
    return workers(WorkerState.TERMINATING);
  }

  @Override
  public int getWorkersTotal() {
    return (int) now().workers().stream().filter(view -> view.worker() != 0).count();
  }

  @Override
  public int getCallsWaiting() {
    return now().waiting();
  }

  @Override
  public int getCallsWaitingLimit() {
    return now().queueCapacity();
  }

  @Override
  public long getFirstWaitMillis() {
    return now().firstWaitMillis();
  }

  @Override
  public long getLongestWaitMillis() {
    return now().longestWaitMillis();
  }

  @Override
  public long getCallsSucceeded() {
    return now().calls().succeeded();
  }

  @Override
  public long getCallsFailedInPython() {
    return now().calls().pythonErrors();
  }

  @Override
  public long getCallsLostToWorkers() {
    return now().calls().workerFailures();
  }

  @Override
  public long getCallsTimedOut() {
    return now().calls().timedOut();
  }

  @Override
  public long getCallsCancelled() {
    return now().calls().cancelled();
  }

  @Override
  public long getCheckoutsTimedOut() {
    return now().calls().checkoutTimeouts();
  }

  @Override
  public long getCallsRejected() {
    return now().calls().rejected();
  }

  @Override
  public long getCallRetries() {
    return now().calls().retries();
  }

  @Override
  public long getLadderCancels() {
    return now().ladder().get("cancel");
  }

  @Override
  public long getLadderStackDumps() {
    return now().ladder().get("dump");
  }

  @Override
  public long getLadderAbandonments() {
    return now().ladder().get("abandon");
  }

  @Override
  public long getLadderTerminations() {
    return now().ladder().get("term");
  }

  @Override
  public long getLadderKills() {
    return now().ladder().get("kill");
  }

  @Override
  public long getWorkerRestarts() {
    return now().workers().stream().mapToLong(PoolSnapshot.SlotView::restarts).sum();
  }

  @Override
  public SortedMap<String, Long> getWorkersRecycled() {
    return new TreeMap<>(now().upkeep().recycled());
  }

  @Override
  public String getCrashBreakerState() {
    return now().upkeep().breaker().state().name();
  }

  @Override
  public String getCrashBreakerCause() {
    return now().upkeep().breaker().cause();
  }

  @Override
  public long getLauncherPid() {
    return now().launcherPid();
  }

  @Override
  public List<RunningCall> getRunningCalls() {
    return running(now())
        .flatMap(
            view ->
                view.running().stream()
                    .map(
                        call ->
                            new RunningCall(
                                call.function(),
                                view.pid(),
                                call.requestId(),
                                call.runningMillis(),
                                view.slot())))
        .sorted(Comparator.comparingLong(RunningCall::runningMillis).reversed())
        .toList();
  }

  private static Stream<PoolSnapshot.SlotView> running(PoolSnapshot snapshot) {
    return snapshot.workers().stream().filter(view -> !view.function().isEmpty());
  }

  @Override
  public List<Event> getRecentEvents() {
    return announcer.events().items();
  }

  @Override
  public List<Decision> getRecoveryDecisions() {
    return control.decisions().stream().map(PoolBean::decision).toList();
  }

  private static Decision decision(RecoveryEvent event) {
    return new Decision(
        event.decision().action().name(),
        event.at().toString(),
        event.decision().delay().toMillis(),
        event.detail(),
        event.failure().name(),
        event.decision().reason(),
        event.worker().slot(),
        event.worker().worker());
  }

  @Override
  public List<Operation> getOperations() {
    return operations.operations();
  }

  @Override
  public long getNotificationsSuppressed() {
    return announcer.suppressed();
  }

  @Override
  public void resize(int size) {
    change("resize(" + size + ")", () -> control.resize(size));
  }

  @Override
  public void recycleWorker(int slot) {
    change("recycleWorker(" + slot + ")", () -> control.recycleWorker(slot));
  }

  @Override
  public String recycleWorkersOneByOne() {
    return begin("recycleWorkersOneByOne", control::recycleWorkersOneByOne);
  }

  @Override
  public String reloadCode() {
    return begin("reloadCode", control::reloadCode);
  }

  @Override
  public void resetCircuitBreaker() {
    change("resetCircuitBreaker", control::resetCrashBreaker);
  }

  private String begin(String name, Supplier<CompletableFuture<?>> operation) {
    OperationLog.Entry entry = operations.begin(name);
    change(
        entry.id(),
        () -> {
          try {
            ended(entry, operation.get());
          } catch (RuntimeException e) {
            entry.end(e);
            throw e;
          }
        });
    return entry.id();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nothing is derived from it
  private void ended(OperationLog.Entry entry, CompletableFuture<?> operation) {
    operation.whenComplete(
        (nothing, cause) ->
            announcer.tellOfPool(Announcer.OPERATION, entry.id() + ": " + entry.end(cause)));
  }

  @Override
  public void killWorker(int slot) {
    change("killWorker(" + slot + ")", () -> control.killWorker(slot));
  }

  @Override
  public void suspend() {
    change("suspend", control::suspend);
  }

  @Override
  public String suspendAndWait(int seconds) {
    if (seconds < 1) {
      throw new IllegalArgumentException("The seconds to wait are at least 1, not " + seconds);
    }
    return begin(
        "suspendAndWait",
        () -> {
          control.suspend();
          return Quiescence.await(
              housekeeping,
              () -> (int) running(control.snapshot()).count(),
              System::nanoTime,
              Duration.ofSeconds(seconds));
        });
  }

  @Override
  public String dumpPythonStacks() {
    return StackDumps.of(pool);
  }

  @Override
  public void resume() {
    change("resume", control::resume);
  }

  private void change(String what, Runnable operation) {
    try {
      announcer.tellOfPool(Announcer.OPERATION, what + " was asked for over JMX");
      operation.run();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(refused(what, e));
    } catch (RuntimeException e) {
      throw new IllegalStateException(refused(what, e));
    } finally {
      cache.invalidate();
      changed.run();
    }
  }

  /** The cause stays in the server's log: the console may not be able to read its class. */
  private String refused(String what, RuntimeException cause) {
    LOG.log(Level.WARNING, "Pool " + name + ": " + what + " was refused", cause);
    return cause.getMessage();
  }
}
