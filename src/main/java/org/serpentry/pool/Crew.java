// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.SelectionKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.config.PoolConfig;
import org.serpentry.config.StartMode;
import org.serpentry.spi.PoolListener.PoolEvent;
import org.serpentry.spi.PoolListener.WorkerRef;
import org.serpentry.telemetry.Listeners;
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

  private static final Logger LOG = System.getLogger(Crew.class.getName());
  private static final long DRAIN_LOOK_MILLIS = 20;

  private final PoolConfig config;
  private final PoolContext context;
  private final Checkout checkout;
  private final Failures failures;
  private final Listeners listeners;
  private final Nursery nursery;
  private final Ladder ladder;
  private final List<Slot> slots = new CopyOnWriteArrayList<>();
  private final Map<Long, Worker> workers = new HashMap<>();
  private final Map<Long, SelectionKey> keys = new HashMap<>();
  private final Map<Long, Runnable> replyHandlers = new HashMap<>();
  private final CompletableFuture<Void> full = new CompletableFuture<>();
  private final Map<Integer, Runnable> settlements = new HashMap<>();
  private volatile String fault = "";
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
    this.listeners = context.listeners();
    this.nursery = new Nursery(context, this);
    this.ladder = new Ladder(context, this, nursery);
    this.size = config.size();
    this.maxSize = config.maxSize();
  }

  // ---- start and fill

  /** Begins to work: starts the launcher, and the workers that the start mode asks for. */
  void start(BegunWords begunWords) {
    words = begunWords;
    wanted = config.start() != StartMode.LAZY;
    for (int number = 0; number < size; number++) {
      slots.add(new Slot(number));
    }
    if (wanted) {
      nursery.prepare();
    }
    tick();
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
    int missing = config.start() == StartMode.LAZY ? checkout.waiting() - starting() : size;
    for (Slot slot : slots) {
      if (missing > 0 && slot.empty() && slot.number() < size && !slot.backingOff()) {
        spawnInto(slot);
        missing--;
      }
    }
    int more = Math.min(checkout.waiting() - starting(), maxSize - slots.size());
    for (int i = 0; i < more && allStarted(); i++) {
      Slot overflow = new Slot(freeNumber());
      slots.add(overflow);
      spawnInto(overflow);
    }
  }

  private boolean allStarted() {
    return slots.stream().noneMatch(slot -> slot.number() < size && slot.empty());
  }

  private int freeNumber() {
    int number = 0;
    while (slot(number) != null) {
      number++;
    }
    return number;
  }

  private int starting() {
    return (int)
        slots.stream().filter(slot -> slot.current() == null && slot.incoming() != null).count();
  }

  private void spawnInto(Slot slot) {
    Worker worker =
        new Worker(++lastWorker, slot.number(), nursery.generation(), words, context.clock());
    workers.put(worker.id(), worker);
    slot.starting(worker);
    nursery.spawn(worker);
    context
        .reactor()
        .schedule(
            config.startTimeout().toMillis(), TimeUnit.MILLISECONDS, () -> startTimedOut(worker));
  }

  private void startTimedOut(Worker worker) {
    if (workers.containsKey(worker.id()) && worker.machine().state() == WorkerState.INITIALIZING) {
      warn("worker " + worker.id() + " did not connect within " + config.startTimeout());
      if (worker.pid() == 0) {
        nursery.templateStuck();
        ended(worker, ExitReport.unseen("it was never started"));
      } else {
        nursery.signal(worker, "kill");
      }
    }
  }

  /** The template or launcher cannot give workers; the pool answers with the cause until it can. */
  void startFailed(String reason) {
    boolean nobody = slots.stream().allMatch(slot -> slot.current() == null);
    if (nobody && !closing) {
      fault = reason;
      checkout.bar(Checkout.Barrier.FAULT, () -> failures.unavailable(reason));
      full.completeExceptionally(failures.unavailable(reason));
    }
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
    worker.connected(hello, channel);
    keys.put(worker.id(), key);
    return null;
  }

  void workerWelcomed(long id) {
    Worker worker = workers.get(id);
    Slot slot = slot(worker.slot());
    move(worker, WorkerState.READY, "handshake", Map.of());
    Worker replaced = slot.arrived(worker);
    if (replaced != null) {
      retire(replaced, "recycled");
    }
    if (checkout.lift(Checkout.Barrier.FAULT)) {
      fault = "";
      inform("workers start again");
    }
    if (worker.retiring()) {
      leave(worker, "pool was resized");
    } else {
      checkout.admit(worker);
    }
    settled(slot.number());
    if (!full.isDone() && slots.stream().noneMatch(s -> s.current() == null)) {
      full.complete(null);
    }
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
      ended(worker, report);
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
    Runnable replyHandler = replyHandlers.remove(worker.id());
    WorkerState before = worker.machine().state();
    boolean expected = before == WorkerState.TERMINATING || closing;
    if (before != WorkerState.INITIALIZING && before != WorkerState.TERMINATING) {
      before = move(worker, WorkerState.TERMINATING, report.describe(), Map.of()).from();
    }
    checkout.withdraw(worker);
    worker.exited(report);
    if (replyHandler != null) {
      replyHandler.run(); // It reads what the worker had still said, and learns of the end.
    }
    keys.remove(worker.id());
    move(worker, WorkerState.TERMINATED, report.describe(), Map.of());
    ladder.ended(worker);
    if (before != WorkerState.BUSY) {
      close(worker);
    }
    WorkerRef ref = ref(worker);
    listeners.tell(l -> l.onWorkerExit(ref, report.describe(), expected));
    if (!expected) {
      warn(
          "%s ended unexpectedly: %s%s"
              .formatted(
                  ref,
                  report.describe(),
                  report.tail().isEmpty() ? "" : "\n  " + String.join("\n  ", report.tail())));
    }
    vacate(worker, report, expected);
  }

  private void vacate(Worker worker, ExitReport report, boolean expected) {
    Slot slot = slot(worker.slot());
    if (slot == null) {
      return;
    }
    boolean wasIncoming = slot.incoming() == worker;
    slot.ended(worker, report, expected);
    if (wasIncoming) {
      settled(slot.number());
    }
    if (!slot.empty() || closing) {
      return;
    }
    if (slot.number() >= size) {
      slots.remove(slot);
    }
    long delay =
        Backoff.millis(
            slot.earlyDeaths(),
            config.restartBackoffMin().toMillis(),
            config.restartBackoffMax().toMillis(),
            ThreadLocalRandom.current().nextDouble());
    if (delay == 0) {
      fill();
    } else {
      if (!full.isDone()) {
        startFailed("its workers do not start: " + report.explain());
      }
      slot.backingOff(true);
      context.reactor().schedule(delay, TimeUnit.MILLISECONDS, () -> backOffOver(slot));
    }
  }

  private void backOffOver(Slot slot) {
    slot.backingOff(false);
    fill();
  }

  /** Closes a dead worker's connection; called by whoever held it last. */
  static void close(Worker worker) {
    try {
      worker.closeChannel();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "A dead worker's connection could not be closed", e);
    }
  }

  // ---- retiring, recycling, resizing

  /** Ends a worker after its present call, by the end of its input. */
  void retire(Worker worker, String reason) {
    worker.retire();
    if (checkout.withdraw(worker)) {
      leave(worker, reason);
    }
  }

  /** A lease has ended on a worker that may not serve on. */
  void leaseEndedBadly(Worker worker) {
    if (worker.exit().isDone()) {
      close(worker);
    } else if (worker.machine().state() == WorkerState.BUSY) {
      leave(worker, "retired");
    }
  }

  private void leave(Worker worker, String reason) {
    move(worker, WorkerState.TERMINATING, reason, Map.of());
    try {
      worker.channel().shutdownOutput();
    } catch (IOException e) {
      // It is dying by itself; the ladder below makes sure of it.
      LOG.log(Level.DEBUG, "A retired worker's connection had ended already", e);
    }
    ladder.end(worker);
  }

  /** A lease ended with a worker that broke the protocol or its connection: it must not live. */
  void condemn(Worker worker, String reason) {
    if (worker.exit().isDone()) {
      close(worker);
      return;
    }
    WorkerState state = worker.machine().state();
    if (state == WorkerState.BUSY || state == WorkerState.READY) {
      move(worker, WorkerState.TERMINATING, reason, Map.of());
    }
    ladder.kill(worker);
  }

  /** Starts a replacement for a slot's worker, which serves on until the new one is ready. */
  boolean recycle(int number) {
    Slot slot = slot(number);
    if (slot == null || slot.incoming() != null || slot.current() == null || !nursery.ready()) {
      return false;
    }
    spawnInto(slot);
    return true;
  }

  /** Changes the number of workers; the room for overflow stays as it is. */
  void resize(int newSize) {
    int overflow = maxSize - size;
    size = newSize;
    maxSize = newSize + overflow;
    for (int number = 0; number < newSize; number++) {
      if (slot(number) == null) {
        slots.add(new Slot(number));
      }
    }
    for (Slot slot : List.copyOf(slots)) {
      if (slot.number() >= newSize) {
        if (slot.empty()) {
          slots.remove(slot);
        } else if (slot.current() != null) {
          retire(slot.current(), "pool was resized");
        } else {
          slot.incoming().retire();
        }
      }
    }
    fill();
  }

  private void tick() {
    if (closing) {
      return;
    }
    long period = Math.max(1, config.idleTimeout().toMillis());
    for (Slot slot : slots) {
      if (slot.number() >= size && slot.current() != null && slot.unusedSinceTick()) {
        retire(slot.current(), "idle");
      }
    }
    if (!config.idleTimeout().isZero()) {
      context.reactor().schedule(period, TimeUnit.MILLISECONDS, this::tick);
    }
  }

  // ---- what the neighbours on the reactor need

  /**
   * Lets the reactor read a leased worker's replies: an asynchronous call's, or a cancelled one's.
   */
  void watchReplies(Worker worker, int operations, Runnable handler) {
    SelectionKey key = keys.get(worker.id());
    if (key != null && key.isValid()) {
      replyHandlers.put(worker.id(), handler);
      key.interestOps(operations);
    }
  }

  void unwatchReplies(Worker worker) {
    SelectionKey key = keys.get(worker.id());
    replyHandlers.remove(worker.id());
    if (key != null && key.isValid()) {
      key.interestOps(0);
    }
  }

  void workerReadable(long id, SelectionKey key) {
    Runnable handler = replyHandlers.get(id);
    if (handler == null) {
      key.interestOps(0);
    } else {
      handler.run();
    }
  }

  Transition move(Worker worker, WorkerState next, String reason, Map<String, String> metadata) {
    Transition transition = worker.machine().transition(next, reason, metadata);
    WorkerRef ref = ref(worker);
    listeners.tell(l -> l.onTransition(ref, transition));
    return transition;
  }

  WorkerRef ref(Worker worker) {
    return new WorkerRef(config.name(), worker.slot(), worker.id(), worker.pid());
  }

  void warn(String text) {
    listeners.tell(l -> l.onPoolEvent(new PoolEvent(config.name(), true, text)));
  }

  void inform(String text) {
    listeners.tell(l -> l.onPoolEvent(new PoolEvent(config.name(), false, text)));
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

  int size() {
    return size;
  }

  int maxSize() {
    return maxSize;
  }

  Ladder ladder() {
    return ladder;
  }

  Nursery nursery() {
    return nursery;
  }

  /** Runs a task once, when the replacement of a slot's worker has arrived or failed. */
  void whenSettled(int slot, Runnable task) {
    settlements.put(slot, task);
  }

  private void settled(int slot) {
    Runnable task = settlements.remove(slot);
    if (task != null) {
      task.run();
    }
  }

  /** Why no worker can be started, or empty. */
  String fault() {
    return fault;
  }

  /** Starts nothing any more; what ends from now on was meant to. Tells when no call runs. */
  void close(CompletableFuture<Void> drained) {
    closing = true;
    nursery.close();
    full.completeExceptionally(failures.closed());
    checkDrained(drained);
  }

  private void checkDrained(CompletableFuture<Void> drained) {
    if (workers.values().stream().noneMatch(w -> w.machine().state() == WorkerState.BUSY)) {
      drained.complete(null);
    } else {
      context
          .reactor()
          .schedule(DRAIN_LOOK_MILLIS, TimeUnit.MILLISECONDS, () -> checkDrained(drained));
    }
  }

  /** Wakes every caller that still waits for a reply, at the end of the drain. */
  void severAll() {
    for (Worker worker : workers.values()) {
      if (worker.channel() != null) {
        worker.channel().sever();
      }
    }
  }
}
