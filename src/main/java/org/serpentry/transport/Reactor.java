// SPDX-License-Identifier: Apache-2.0
package org.serpentry.transport;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * A pool's one control thread: it accepts connections, reads the control channel and the replies of
 * asynchronous calls, and runs timers and tasks in order. Everything about the crew of workers
 * happens on it, so that none of that state needs a lock.
 *
 * <p>{@link #execute} and {@link #schedule} may be called by any thread, {@link #register} and
 * handlers run on the reactor's thread only. A task must not block. One that throws is reported to
 * the error handler; the reactor goes on.
 */
public final class Reactor implements Executor {

  /** A task in the future. */
  public final class Timer {
    private final long due;
    private final long number = timersMade.incrementAndGet();
    private volatile Runnable task;

    private Timer(long due, Runnable task) {
      this.due = due;
      this.task = task;
    }

    /** Stops it, if it has not run yet. May be called by any thread. */
    public void cancel() {
      if (task != null) {
        task = null;
        cancelledTimers.incrementAndGet();
      }
    }
  }

  /** Cancelled timers stay queued until they outnumber this and the live ones. */
  private static final int PURGE_AT = 256;

  private final Selector selector;
  private final LongSupplier nanoTime;
  private final Consumer<Throwable> errors;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean wakeupPending = new AtomicBoolean();
  private final AtomicLong timersMade = new AtomicLong();
  // Those that fall due at the same time run in the order in which they were made.
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(
          (a, b) -> a.due == b.due ? Long.compare(a.number, b.number) : Long.signum(a.due - b.due));
  private final AtomicInteger cancelledTimers = new AtomicInteger();
  private final Thread thread;
  private volatile boolean stopping;
  private volatile boolean ended;

  /**
   * Makes a reactor; {@link #start} starts it.
   *
   * @param threads makes its thread
   * @param nanoTime the clock
   * @param errors told what a task or handler threw; must not throw
   * @throws IOException when no selector can be had
   */
  public Reactor(ThreadFactory threads, LongSupplier nanoTime, Consumer<Throwable> errors)
      throws IOException {
    this.selector = Selector.open();
    this.nanoTime = nanoTime;
    this.errors = errors;
    this.thread = thread(threads);
  }

  private Thread thread(ThreadFactory threads) throws IOException {
    Thread made = null;
    try {
      made = threads.newThread(this::run);
    } finally {
      if (made == null) {
        selector.close();
      }
    }
    if (made == null) {
      throw new IOException("the thread factory " + threads + " gave no thread");
    }
    return made;
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /**
   * Releases a reactor whose thread has not been started or could not be.
   *
   * @throws IOException when its selector cannot be closed
   */
  public void discard() throws IOException {
    ended = true;
    selector.close();
  }

  /**
   * Tells the error handler of a failure that need not end the task in which it occurred.
   *
   * @param failure what was thrown
   */
  public void report(Throwable failure) {
    errors.accept(failure);
  }

  /**
   * Runs a task on the reactor's thread, after those given before. After the reactor's end it is
   * dropped.
   */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (wakeupPending.compareAndSet(false, true)) {
      selector.wakeup();
    }
  }

  /**
   * Runs a task later.
   *
   * @param delay how much later
   * @param unit the delay's unit
   * @param task the task
   * @return its handle
   */
  public Timer schedule(long delay, TimeUnit unit, Runnable task) {
    Timer timer = new Timer(nanoTime.getAsLong() + unit.toNanos(delay), task);
    if (onThread()) {
      timers.add(timer);
    } else {
      execute(() -> timers.add(timer));
    }
    return timer;
  }

  /**
   * Watches a channel.
   *
   * @param channel the channel, non-blocking
   * @param operations the operations to begin with
   * @param handler runs on the reactor's thread whenever the channel is ready
   * @return the key, whose operations may be changed on the reactor's thread
   * @throws IOException when the channel is closed
   */
  public SelectionKey register(
      SelectableChannel channel, int operations, Consumer<SelectionKey> handler)
      throws IOException {
    return channel.register(selector, operations, handler);
  }

  /**
   * Whether the calling thread is the reactor's.
   *
   * @return whether it is
   */
  public boolean onThread() {
    return Thread.currentThread() == thread;
  }

  /**
   * Whether tasks given from now on are dropped. Those given before this was seen to be false run.
   *
   * @return whether it has ended
   */
  public boolean ended() {
    return ended;
  }

  private void run() {
    try (selector) {
      while (!stopping) {
        selector.select(this::handle, waitMillis());
        wakeupPending.set(false);
        runTasks();
        runTimers();
      }
      // First, so that a task is either run here or its giver sees that it will not be.
      ended = true;
      runTasks();
    } catch (IOException | RuntimeException | Error e) {
      errors.accept(e);
    } finally {
      ended = true;
    }
  }

  private void handle(SelectionKey key) {
    @SuppressWarnings("unchecked") // only register() attaches, and it takes no other type
    Consumer<SelectionKey> handler = (Consumer<SelectionKey>) key.attachment();
    try {
      if (key.isValid()) {
        handler.accept(key);
      }
    } catch (CancelledKeyException e) {
      // Another handler of this round closed the channel: nothing is left to be done for it.
      key.cancel();
    } catch (RuntimeException | Error e) {
      errors.accept(e);
    }
  }

  private long waitMillis() {
    if (!tasks.isEmpty()) {
      return 1;
    }
    Timer next = timers.peek();
    if (next == null) {
      return 0;
    }
    return Math.max(1, (next.due - nanoTime.getAsLong() + 999_999) / 1_000_000);
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      runOne(task);
    }
  }

  private void runTimers() {
    int cancelled = cancelledTimers.get();
    if (cancelled > PURGE_AT && cancelled > timers.size() / 2) {
      cancelledTimers.set(0);
      timers.removeIf(timer -> timer.task == null);
    }
    long now = nanoTime.getAsLong();
    for (Timer timer = timers.peek();
        timer != null && timer.due - now <= 0;
        timer = timers.peek()) {
      timers.poll();
      Runnable task = timer.task;
      if (task != null) {
        runOne(task);
      }
    }
  }

  private void runOne(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      errors.accept(e);
    }
  }

  /**
   * Ends the reactor after the tasks given so far and waits for its thread.
   *
   * @param millis how long to wait
   * @return whether it has ended
   * @throws InterruptedException when the waiting thread is interrupted
   */
  public boolean stop(long millis) throws InterruptedException {
    stopping = true;
    selector.wakeup();
    if (!onThread()) {
      thread.join(millis);
    }
    return !thread.isAlive();
  }
}
