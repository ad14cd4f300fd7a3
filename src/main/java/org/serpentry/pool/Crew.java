// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.serpentry.api.WorkerState;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.StartMode;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.transport.FrameChannel;
import org.serpentry.worker.BegunWords;
import org.serpentry.worker.ExitReport;
import org.serpentry.worker.Hello;
import org.serpentry.worker.Worker;

/**
 * The workers of a pool: which slots there are, who serves them, who is being started, replaced or
 * retired. Everything runs on the reactor, so that nothing here needs a lock; {@link #slots} may be
 * read by any thread.
 */
final class Crew {

  private static final long DRAIN_LOOK_MILLIS = 20;

  private final PoolConfig config;
  private final PoolContext context;
  private final Checkout checkout;
  private final Failures failures;
  private final Announcer announcer;
  private final Nursery nursery;
  private final Ladder ladder;
  private final List<Slot> slots = new CopyOnWriteArrayList<>();
  private final Map<Long, Worker> workers = new HashMap<>();
  private final ReplyWatch replyWatch = new ReplyWatch();
  private final Turnover turnover;
  private final Filling filling;
  private final Recycling recycling;
  private final Restarts restarts;
  private final Outage outage;
  private final Supervisor supervisor;
  private final Lanes lanes;
  private final CodeReloads reloads;
  private final Recoverer recoverer;
  private final List<Worker> leftInLeases = new ArrayList<>();
  private final CompletableFuture<Void> full = new CompletableFuture<>();
  private BegunWords words;
  private volatile int size;
  private volatile int maxSize;
  private long lastWorker;
  private boolean wanted;
  private boolean closing;

  Crew(PoolContext context, Checkout checkout, Failures failures) {
    this.context = context;
    this.config = context.config();
    this.checkout = checkout;
    this.failures = failures;
    this.announcer = new Announcer(config.name(), context.listeners());
    this.reloads = new CodeReloads(context, this, failures);
    this.nursery = new Nursery(context, this);
    this.ladder = new Ladder(context, this, nursery);
    this.turnover = new Turnover(context, this, checkout);
    this.filling = new Filling(context, this, checkout);
    this.recycling = new Recycling(context, this, checkout);
    this.restarts = new Restarts(context, this);
    this.outage = new Outage(this, checkout, failures);
    this.supervisor = Resilience.supervisor(context, this, failures);
    this.lanes = new Lanes(context, this, checkout, failures);
    this.recoverer = new Recoverer(context, this, checkout);
    this.size = config.size();
    this.maxSize = config.maxSize();
    // At once, so that a pool shows its slots from the moment that anybody can look.
    for (int number = 0; number < size; number++) {
      slots.add(new Slot(number));
    }
  }

  // ---- start and fill

  /** Begins to work: starts the launcher, and the workers that the start mode asks for. */
  void start(BegunWords begunWords) {
    words = begunWords;
    wanted = config.start() != StartMode.LAZY;
    if (wanted) {
      nursery.prepare();
    }
    recycling.start();
  }

  /** Ends when every slot has had its worker, or exceptionally when the start failed. */
  CompletableFuture<Void> full() {
    return full;
  }

  /** Somebody waits and no worker is idle. */
  void demand() {
    if (closing) {
      return;
    }
    wanted = true;
    nursery.prepare();
    fill();
  }

  /** Starts the workers that are missing, as far as the template can fork them. */
  void fill() {
    if (closing || !wanted || !nursery.ready()) {
      return;
    }
    filling.fill();
    recycling.next();
  }

  void spawnInto(Slot slot) {
    int template = nursery.templates().numberFor(slot);
    int places = nursery.templates().places(template);
    Worker worker =
        new Worker(++lastWorker, slot.number(), template, words, places, context.clock());
    workers.put(worker.id(), worker);
    slot.starting(worker);
    restarts.started(worker);
    nursery.spawn(worker);
    filling.watch(worker);
    reloads.spawned(worker);
  }

  // ---- arrivals and ends

  String workerArrived(Hello hello, FrameChannel channel, SelectionKey key) {
    Worker worker = workers.get(hello.worker());
    if (worker == null || worker.machine().state() != WorkerState.INITIALIZING || closing) {
      return "worker " + hello.worker() + " is not expected";
    }
    if (worker.pid() != 0 && worker.pid() != hello.pid()) {
      return "worker " + hello.worker() + " has process " + worker.pid() + ", not " + hello.pid();
    }
    worker.memory(context.memory().forWorker(worker.id()));
    worker.connected(hello, channel);
    replyWatch.connected(worker.id(), key);
    return null;
  }

  void workerWelcomed(long id) {
    Worker worker = workers.get(id);
    filling.unwatch(worker);
    recycling.arrived(worker);
    lanes.arrived(worker);
    announcer.move(worker, WorkerState.READY, "handshake", Map.of());
    if (!reloads.holds(worker)) {
      enter(worker);
    }
  }

  /** Puts a worker that is ready in its place, and lets calls to it. */
  void enter(Worker worker) {
    Slot slot = slot(worker.slot());
    Worker replaced = slot.arrived(worker);
    if (replaced != null) {
      turnover.replaced(slot, replaced);
    }
    if (worker.retiring()) {
      turnover.leave(worker, "pool was resized");
    } else if (!restarts.tries(worker)) {
      outage.over();
      checkout.admit(worker);
    }
    turnover.settled(slot.number(), true);
    if (!full.isDone() && slots.stream().noneMatch(s -> s.current() == null)) {
      full.complete(null);
    }
    reloads.look();
  }

  void workerStarted(long id, int pid) {
    Worker worker = workers.get(id);
    if (worker != null) {
      worker.pid(pid);
    }
  }

  void workerExited(long id, ExitReport report) {
    Worker worker = workers.get(id);
    if (worker != null) {
      ended(worker, restarts.explained(worker, report));
    }
  }

  /** Every worker ends with the launcher, by its parent-death signal. */
  void launcherLost(String reason) {
    for (Worker worker : List.copyOf(workers.values())) {
      ended(worker, ExitReport.unseen(reason));
    }
  }

  private void ended(Worker worker, ExitReport report) {
    workers.remove(worker.id());
    filling.unwatch(worker);
    WorkerState before = worker.machine().state();
    boolean expected = before == WorkerState.TERMINATING || closing;
    boolean arrived = before != WorkerState.INITIALIZING;
    if (arrived && before != WorkerState.TERMINATING) {
      before = announcer.move(worker, WorkerState.TERMINATING, report.describe(), Map.of()).from();
    }
    checkout.withdraw(worker);
    worker.exited(report);
    replyWatch.ended(worker);
    announcer.move(worker, WorkerState.TERMINATED, report.describe(), Map.of());
    ladder.ended(worker, report);
    if (before != WorkerState.BUSY) {
      Turnover.close(worker);
    } else if (closing) {
      // Its caller may come too late for the reactor to close the connection for it.
      leftInLeases.add(worker);
    }
    WorkerRef ref = announcer.ref(worker);
    announcer.tell(l -> l.onWorkerExit(ref, report.describe(), expected));
    vacate(worker, report, expected, before);
    reloads.ended(worker, report, arrived);
  }

  private void vacate(Worker worker, ExitReport report, boolean expected, WorkerState before) {
    Tenure tenure = recycling.ended(worker);
    Slot slot = slot(worker.slot());
    if (slot == null) {
      if (!expected) {
        recoverer.exited(worker, before, report, 0);
      }
      return;
    }
    boolean wasIncoming = slot.incoming() == worker;
    slot.ended(worker, report);
    boolean early = restarts.ended(slot, worker, tenure, report, expected);
    long delay = early ? filling.restartMillis(slot) : 0;
    if (!expected) {
      delay = recoverer.exited(worker, before, report, delay);
    }
    if (wasIncoming) {
      turnover.settled(slot.number(), false);
    }
    if (restarts.open()) {
      outage.noneStarts();
    }
    if (slot.empty() && !closing) {
      filling.vacated(slot, report, early, delay);
    }
  }

  // ---- size

  /** Takes over the numbers of workers from the settings. */
  void resize() {
    size = context.config().size();
    maxSize = context.config().maxSize();
    filling.resized();
    fill();
  }

  // ---- what the neighbours on the reactor need

  /** Gives an overflow slot up; whoever waited for a worker in it waits no longer. */
  void remove(Slot slot) {
    slots.remove(slot);
    turnover.settled(slot.number(), true);
  }

  Slot slot(int number) {
    for (Slot slot : slots) {
      if (slot.number() == number) {
        return slot;
      }
    }
    return null;
  }

  List<Slot> slots() {
    return slots;
  }

  Worker worker(long id) {
    return workers.get(id);
  }

  CodeReloads reloads() {
    return reloads;
  }

  int size() {
    return size;
  }

  int maxSize() {
    return maxSize;
  }

  Ladder ladder() {
    return ladder;
  }

  Announcer announcer() {
    return announcer;
  }

  Recoverer recoverer() {
    return recoverer;
  }

  Turnover turnover() {
    return turnover;
  }

  Recycling recycling() {
    return recycling;
  }

  Restarts restarts() {
    return restarts;
  }

  Lanes lanes() {
    return lanes;
  }

  ReplyWatch replyWatch() {
    return replyWatch;
  }

  Nursery nursery() {
    return nursery;
  }

  Outage outage() {
    return outage;
  }

  Supervisor supervisor() {
    return supervisor;
  }

  boolean closing() {
    return closing;
  }

  /** Starts nothing any more; what ends from now on was meant to. Tells when no call runs. */
  void close(CompletableFuture<Void> drained) {
    closing = true;
    nursery.close();
    reloads.close();
    recoverer.close();
    full.completeExceptionally(failures.closed());
    checkDrained(drained);
  }

  private void checkDrained(CompletableFuture<Void> drained) {
    if (workers.values().stream().noneMatch(w -> w.machine().inUse())) {
      drained.complete(null);
    } else {
      context
          .reactor()
          .schedule(DRAIN_LOOK_MILLIS, TimeUnit.MILLISECONDS, () -> checkDrained(drained));
    }
  }

  /**
   * The pool's last act on the reactor: whatever is still connected is closed, held in a lease or
   * not. A caller that waits on such a connection is told that it was severed.
   */
  void endAll() {
    nursery.endAll();
    launcherLost("the pool was closed");
    leftInLeases.forEach(Turnover::close);
    leftInLeases.clear();
  }

  /** Has every caller that waits for a reply look at its deadline, since the clock jumped. */
  void lookAgain() {
    for (Worker worker : workers.values()) {
      if (worker.channel() != null) {
        worker.channel().lookAgain();
      }
    }
  }

  /** Wakes every caller that still waits for a reply, at the end of the drain. */
  void severAll() {
    lanes.close();
    for (Worker worker : workers.values()) {
      if (worker.channel() != null) {
        worker.channel().sever();
      }
    }
  }
}
