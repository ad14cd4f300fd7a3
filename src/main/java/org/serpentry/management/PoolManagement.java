// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import javax.management.NotificationBroadcasterSupport;
import javax.management.ObjectName;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.config.OperationPolicy;
import org.serpentry.pool.PoolSnapshot.SlotView;
import org.serpentry.pool.WorkerPool;
import org.serpentry.telemetry.SafeThrowable;

/**
 * The beans of one pool: its own, and one for each slot that there is at present. Hears the pool's
 * events on its control thread and never blocks it: beans come and go on the housekeeping thread,
 * or on the thread of an operation.
 */
final class PoolManagement implements PoolNews.Hearer, LongOperations, Managed {

  private static final Logger LOG = System.getLogger(PoolManagement.class.getName());

  private final WorkerPool pool;
  private final BeanServer server;
  private final Housekeeping housekeeping;
  private final Clock clock = Clock.systemUTC();
  private final SnapshotCache cache;
  private final Announcer announcer;
  private final Gate gate;
  private final MemorySampler memory;
  private final OperationLog operations;
  private final Chatter chatter = new Chatter();
  private final PoolBean poolBean;
  private final DescribedMBean poolMBean;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, WorkerBean> workers = new ConcurrentHashMap<>();
  private final List<Exporting> exporting = new CopyOnWriteArrayList<>();
  private final PoolNews news;
  // Under the lock.
  private final Map<Integer, DescribedMBean> workerMBeans = new TreeMap<>();
  private final Map<String, DescribedMBean> components = new TreeMap<>();
  private BeanNames names;
  private PoolStatus status;
  private boolean closed;

  PoolManagement(
      WorkerPool pool, BeanServer server, Housekeeping housekeeping, OperationPolicy policy) {
    this.pool = pool;
    this.server = server;
    this.housekeeping = housekeeping;
    this.gate = new Gate(policy, pool.name());
    this.cache = SnapshotCache.of(pool);
    this.memory =
        new MemorySampler(
            Path.of("/proc"),
            () -> cache.get().workers().stream().map(SlotView::pid).filter(pid -> pid != 0),
            System::nanoTime);
    this.announcer =
        new Announcer(clock, () -> new NotificationThrottle(System::nanoTime), housekeeping::run);
    this.operations = new OperationLog(clock);
    this.news = new PoolNews(announcer, this);
    this.poolBean =
        new PoolBean(
            pool, cache, announcer, operations, memory, chatter, housekeeping, this::reconcile);
    this.poolMBean =
        new DescribedMBean(poolBean, PythonPoolMXBean.class, announcer.broadcaster(), gate);
  }

  @Override
  public boolean claim(BeanNames candidate) {
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
        news.servedBy(view);
      }
    }
    status = poolBean.getStatus();
    component(
        "Settings",
        PoolSettingsMXBean.class,
        new SettingsBean(
            pool.operator(),
            announcer,
            new Followed(operations, announcer),
            this::exports,
            this::changed));
    component(
        "CircuitBreaker",
        PoolCircuitsMXBean.class,
        new CircuitsBean(pool.control(), cache, announcer));
    pool.attach(news);
    pool.attach(chatter);
    reconcile();
    housekeeping.every(this, this::tick);
  }

  private void changed() {
    cache.invalidate();
    reconcile();
  }

  private String exports() {
    return exporting.stream().map(Exporting::export).collect(Collectors.joining());
  }

  /** Registers a bean below the pool's, until the end. */
  <T> void component(String component, Class<T> type, T bean) {
    DescribedMBean described =
        new DescribedMBean(bean, type, new NotificationBroadcasterSupport(), gate);
    lock.lock();
    try {
      if (closed) {
        return;
      }
      add(described, names.component(pool.name(), component));
      components.put(component, described);
      if (bean instanceof Exporting part) {
        exporting.add(part);
      }
    } finally {
      lock.unlock();
    }
  }

  private void tick() {
    reconcile();
    memory.tick();
    lock.lock();
    try {
      Verdict verdict = poolBean.verdict();
      if (verdict.status() != status) {
        status = verdict.status();
        announcer.tellOfPool(
            Announcer.POOL_STATUS,
            verdict.status() + ": " + verdict.reason(),
            Map.of("status", verdict.status().name(), "suggestedAction", verdict.action()));
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
    WorkerBean bean = new WorkerBean(slot, cache, memory, clock, pool.control().history(slot));
    DescribedMBean described =
        new DescribedMBean(
            bean, PythonWorkerMXBean.class, new NotificationBroadcasterSupport(), gate);
    workers.put(slot, bean);
    add(described, names.worker(pool.name(), slot));
    workerMBeans.put(slot, described);
  }

  private void add(DescribedMBean bean, ObjectName name) {
    while (!server.register(bean, name)) {
      // The pool's name is ours, so whoever has this one is dead.
      server.removeAll(name);
    }
  }

  private void drop(int slot) {
    workers.remove(slot);
    server.unregister(workerMBeans.remove(slot), names.worker(pool.name(), slot));
  }

  @Override
  public void close() {
    pool.detach(news);
    pool.detach(chatter);
    housekeeping.stop(this);
    lock.lock();
    try {
      closed = true;
      for (int slot : List.copyOf(workerMBeans.keySet())) {
        drop(slot);
      }
      components.forEach(
          (component, bean) -> server.unregister(bean, names.component(pool.name(), component)));
      components.clear();
      server.unregister(poolMBean, names.pool(pool.name()));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String begin(String name, Callable<String> work) {
    OperationLog.Entry entry = operations.begin(name);
    announcer.tellOfPool(
        Announcer.OPERATION,
        "%s was asked for over JMX by %s".formatted(entry.id(), JmxCaller.name()),
        Map.of("operation", entry.id()));
    Thread thread = new Thread(() -> run(entry, work), "serpentry-" + pool.name() + "-operation");
    thread.setDaemon(true);
    thread.setContextClassLoader(PoolManagement.class.getClassLoader());
    thread.start();
    return entry.id();
  }

  private void run(OperationLog.Entry entry, Callable<String> work) {
    String state;
    try {
      state = entry.end(null, work.call());
    } catch (Exception | Error e) {
      String text = "Pool " + pool.name() + ": " + entry.id() + " failed";
      LOG.log(Level.WARNING, text, SafeThrowable.of(e));
      state = entry.end(e, "");
    }
    announcer.tellOfPool(
        Announcer.OPERATION,
        entry.id() + ": " + state,
        Map.of("operation", entry.id(), "state", state));
  }

  @Override
  public String name() {
    return pool.name();
  }

  /** The beans, for who looks from inside. */
  PoolBeans beans() {
    return new PoolBeans(
        pool,
        poolBean,
        () ->
            workers.values().stream()
                .sorted(Comparator.comparingInt(WorkerBean::getSlot))
                .<PythonWorkerMXBean>map(bean -> bean)
                .toList());
  }

  @Override
  public void moved(int slot, Transition transition) {
    WorkerBean bean = workers.get(slot);
    if (bean != null) {
      bean.moved(transition);
    }
  }

  @Override
  public void slotsMayDiffer() {
    housekeeping.soon(this, this::reconcile);
  }
}
