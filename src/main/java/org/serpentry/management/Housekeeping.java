// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The one thread of an application's management: it registers beans, looks at each pool's status
 * once a second and runs notification listeners, so that none of it happens on a pool's own
 * threads. Any thread may call.
 */
final class Housekeeping implements AutoCloseable {

  private static final Logger LOG = System.getLogger(Housekeeping.class.getName());
  private static final int LOOK_SECONDS = 1;
  // Lets the control thread finish what it tells of, and makes one task of a burst of events.
  private static final int SOON_MILLIS = 20;
  private static final int QUEUED = 1_000;
  private static final int END_SECONDS = 5;

  private final ScheduledThreadPoolExecutor executor;
  private final AtomicReference<Thread> worker = new AtomicReference<>();
  private final Map<Object, Future<?>> looks = new ConcurrentHashMap<>();
  private final Map<Object, Boolean> pending = new ConcurrentHashMap<>();

  Housekeeping(String application) {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "serpentry-" + application + "-management-0");
              thread.setDaemon(true);
              thread.setContextClassLoader(Housekeeping.class.getClassLoader());
              worker.set(thread);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Runs a task; drops it, with a word in the log, when too many wait or it is the end.
   *
   * @return whether it was taken
   */
  boolean run(Runnable task) {
    if (executor.isShutdown() || executor.getQueue().size() >= QUEUED) {
      LOG.log(Level.DEBUG, "A management task was dropped: its thread is stuck or has ended");
      return false;
    }
    try {
      executor.execute(logged(task));
      return true;
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, "A management task came after the end", e);
      return false;
    }
  }

  /** Runs a task of a key shortly; once, however often it is asked for until then. */
  void soon(Object key, Runnable task) {
    if (executor.isShutdown() || pending.putIfAbsent(key, true) != null) {
      return;
    }
    Runnable once =
        () -> {
          pending.remove(key);
          task.run();
        };
    try {
      Future<?> unused = executor.schedule(logged(once), SOON_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, "A management task came after the end", e);
    }
  }

  /** Runs a task of a key every second until {@link #stop}. */
  void every(Object key, Runnable task) {
    looks.put(
        key,
        executor.scheduleWithFixedDelay(
            logged(task), LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS));
  }

  /** Ends the repeated task of a key. */
  void stop(Object key) {
    Future<?> look = looks.remove(key);
    if (look != null) {
      look.cancel(false);
    }
  }

  private static Runnable logged(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException | Error e) { // An executor repeats nothing that has thrown.
        LOG.log(Level.WARNING, "A management task failed", e);
      }
    };
  }

  /** Ends the thread. */
  @Override
  public void close() {
    executor.shutdownNow();
    try {
      // The executor calls itself terminated while its thread has still a few steps to go.
      Thread thread = worker.get();
      if (thread == null || thread == Thread.currentThread()) {
        return;
      }
      thread.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
      if (thread.isAlive()) {
        LOG.log(
            Level.WARNING,
            "The management thread still runs a notification listener and was left to it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
