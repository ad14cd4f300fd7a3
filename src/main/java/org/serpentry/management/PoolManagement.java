// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import javax.management.NotificationBroadcasterSupport;
import javax.management.ObjectName;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.pool.PoolSnapshot.SlotView;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.HealthEvent;
import org.serpentry.spi.PoolListener;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.spi.ReloadEvent;

/**
 * The beans of one pool: its own, and one for each slot that there is at present. Hears the pool's
 * events on its control thread and never blocks it: beans come and go on the housekeeping thread,
 * or on the thread of an operation.
 */
final class PoolManagement implements PoolListener {

  private final WorkerPool pool;
  private final BeanServer server;
  private final Housekeeping housekeeping;
  private final Clock clock = Clock.systemUTC();
  private final SnapshotCache cache;
  private final Announcer announcer;
  private final PoolBean poolBean;
  private final DescribedMBean poolMBean;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, WorkerBean> workers = new ConcurrentHashMap<>();
  private final Map<Integer, Long> serving = new HashMap<>(); // the pool's control thread only
  private final Map<Integer, String> verdicts = new HashMap<>(); // the same
  // Under the lock.
  private final Map<Integer, DescribedMBean> workerMBeans = new TreeMap<>();
  private BeanNames names;
  private PoolStatus status;
  private boolean closed;

  PoolManagement(WorkerPool pool, BeanServer server, Housekeeping housekeeping) {
    this.pool = pool;
    this.server = server;
    this.housekeeping = housekeeping;
    this.cache = new SnapshotCache(pool.control()::snapshot, System::nanoTime);
    this.announcer =
        new Announcer(clock, new NotificationThrottle(System::nanoTime), housekeeping::run);
    this.poolBean =
        new PoolBean(
            pool, cache, announcer, new OperationLog(clock), housekeeping, this::reconcile);
    this.poolMBean = new DescribedMBean(poolBean, PythonPoolMXBean.class, announcer.broadcaster());
  }

  /** Registers the pool's own bean; false when a live bean has the name. */
  boolean claim(BeanNames candidate) {
    ObjectName name = candidate.pool(pool.name());
    announcer.source(name);
    while (!server.register(poolMBean, name)) {
      if (!server.stale(name)) {
        return false;
      }
      server.removeAll(candidate.everythingOf(pool.name()));
    }
    names = candidate;
    return true;
  }

  /** Registers the slots' beans and begins to listen. */
  void start() {
    for (SlotView view : pool.control().snapshot().workers()) {
      if (view.state() == WorkerState.READY || view.state() == WorkerState.BUSY) {
        serving.put(view.slot(), view.worker());
      }
    }
    status = poolBean.getStatus();
    pool.attach(this);
    reconcile();
    housekeeping.every(this, this::tick);
  }

  private void tick() {
    reconcile();
    lock.lock();
    try {
      Verdict verdict = poolBean.verdict();
      if (verdict.status() != status) {
        status = verdict.status();
        announcer.tellOfPool(Announcer.POOL_STATUS, verdict.status() + ": " + verdict.reason());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives every slot its bean, and takes away those of slots that have gone. */
  private void reconcile() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      Set<Integer> slots =
          pool.control().snapshot().workers().stream()
              .map(SlotView::slot)
              .collect(Collectors.toSet());
      for (int slot : List.copyOf(workerMBeans.keySet())) {
        if (!slots.contains(slot)) {
          drop(slot);
        }
      }
      for (int slot : slots) {
        if (!workerMBeans.containsKey(slot)) {
          add(slot);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void add(int slot) {
    WorkerBean bean = new WorkerBean(slot, cache, clock, pool.control().history(slot));
    DescribedMBean described =
        new DescribedMBean(bean, PythonWorkerMXBean.class, new NotificationBroadcasterSupport());
    ObjectName name = names.worker(pool.name(), slot);
    workers.put(slot, bean);
    while (!server.register(described, name)) {
      // The pool's name is ours, so whoever has this one is dead.
      server.removeAll(name);
    }
    workerMBeans.put(slot, described);
  }

  private void drop(int slot) {
    workers.remove(slot);
    server.unregister(workerMBeans.remove(slot), names.worker(pool.name(), slot));
  }

  /** Takes every bean of the pool away. */
  void close() {
    pool.detach(this);
    housekeeping.stop(this);
    lock.lock();
    try {
      closed = true;
      for (int slot : List.copyOf(workerMBeans.keySet())) {
        drop(slot);
      }
      server.unregister(poolMBean, names.pool(pool.name()));
    } finally {
      lock.unlock();
    }
  }

  WorkerPool pool() {
    return pool;
  }

  // ---- what the pool tells

  @Override
  public void onTransition(WorkerRef worker, Transition transition) {
    WorkerBean bean = workers.get(worker.slot());
    if (bean != null) {
      bean.moved(transition);
    }
    announcer.tellOfWorker(
        Announcer.WORKER_STATE,
        worker.slot(),
        worker.worker(),
        "%s: %s -> %s (%s)"
            .formatted(worker, transition.from(), transition.to(), transition.reason()));
    if (transition.from() == WorkerState.INITIALIZING && transition.to() == WorkerState.READY) {
      Long before = serving.put(worker.slot(), worker.worker());
      if (before != null) {
        announcer.tellOfWorker(
            Announcer.WORKER_REPLACED,
            worker.slot(),
            worker.worker(),
            "%s replaces worker %d".formatted(worker, before));
      }
    }
    housekeeping.soon(this, this::reconcile);
  }

  @Override
  public void onWorkerExit(WorkerRef worker, String how, boolean expected) {
    if (!expected) {
      announcer.tellOfWorker(
          Announcer.WORKER_EXIT,
          worker.slot(),
          worker.worker(),
          "%s ended unexpectedly: %s".formatted(worker, how));
    }
    housekeeping.soon(this, this::reconcile);
  }

  @Override
  public void onHealth(HealthEvent event) {
    String verdict = event.health() + ", " + event.activity();
    // A probe that succeeds again and again is no news.
    if (!verdict.equals(verdicts.put(event.worker().slot(), verdict))) {
      announcer.tellOfWorker(
          Announcer.WORKER_HEALTH,
          event.worker().slot(),
          event.worker().worker(),
          "%s: %s (%s)".formatted(event.worker(), verdict, event.reason()));
    }
  }

  @Override
  public void onRecovery(RecoveryEvent event) {
    announcer.tellOfWorker(
        Announcer.WORKER_RECOVERY,
        event.worker().slot(),
        event.worker().worker(),
        event.toString());
  }

  @Override
  public void onRecycled(WorkerRef worker, RecycleReason reason) {
    announcer.tellOfWorker(
        Announcer.WORKER_RECYCLED, worker.slot(), worker.worker(), worker + ": " + reason);
  }

  @Override
  public void onBreaker(BreakerChange change) {
    announcer.tellOfPool(
        Announcer.POOL_BREAKER,
        "%s -> %s: %s".formatted(change.from(), change.to(), change.cause()));
  }

  @Override
  public void onReload(ReloadEvent event) {
    announcer.tellOfPool(Announcer.POOL_RELOAD, event.step() + ": " + event.text());
  }

  @Override
  public void onLadder(WorkerRef worker, String rung, long requestId) {
    announcer.tellOfWorker(
        Announcer.CALL_LADDER,
        worker.slot(),
        worker.worker(),
        "%s: %s, request %d".formatted(worker, rung, requestId));
  }

  @Override
  public void onPoolEvent(PoolEvent event) {
    announcer.tellOfPool(Announcer.POOL_EVENT, event.text());
  }
}
