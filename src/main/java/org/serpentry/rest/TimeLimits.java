// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Interrupts what takes too long on a thread: where a server writes to a client that does not read,
 * nothing else ends the wait. One thread looks, as long as there is something to look at.
 */
final class TimeLimits implements AutoCloseable {

  private static final long LINGER_SECONDS = 5;

  private final ScheduledThreadPoolExecutor watch;

  /** Something that may block, and ends when its thread is interrupted. */
  @FunctionalInterface
  interface Task {
    void run() throws ExecutionException, TimeoutException, InterruptedException;
  }

  TimeLimits(String name) {
    watch =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              thread.setContextClassLoader(TimeLimits.class.getClassLoader());
              return thread;
            });
    watch.setKeepAliveTime(LINGER_SECONDS, TimeUnit.SECONDS);
    watch.allowCoreThreadTimeOut(true);
    watch.setRemoveOnCancelPolicy(true);
  }

  /** Of one task. */
  private static final class Alarm implements Runnable {
    private final Thread thread = Thread.currentThread();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean over; // under the lock
    private boolean rung; // under the lock

    @Override
    public void run() {
      lock.lock();
      try {
        if (!over) {
          rung = true;
          thread.interrupt();
        }
      } finally {
        lock.unlock();
      }
    }

    /** It interrupts no more from now on. Returns whether it has, which the thread forgets. */
    boolean end() {
      lock.lock();
      try {
        over = true;
        if (rung) {
          Thread.interrupted();
        }
        return rung;
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Does something on the calling thread.
   *
   * @param millis how long it may take
   * @throws TimeoutException when it has taken longer, whatever became of it
   */
  void within(long millis, Task task)
      throws ExecutionException, TimeoutException, InterruptedException {
    Alarm alarm = new Alarm();
    Future<?> due = arm(alarm, millis);
    try {
      task.run();
    } catch (ExecutionException | InterruptedException | RuntimeException e) {
      if (alarm.end()) {
        throw late(millis, e); // What it makes of the interrupt differs from server to server.
      }
      throw e;
    } catch (Error e) {
      alarm.end(); // It strikes nothing that comes after.
      throw e;
    } finally {
      due.cancel(false);
    }
    if (alarm.end()) {
      throw late(millis, null);
    }
  }

  private Future<?> arm(Alarm alarm, long millis) {
    try {
      return watch.schedule(alarm, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      alarm.run(); // After the end there is no time left for anything.
      return CompletableFuture.completedFuture(null);
    }
  }

  private static TimeoutException late(long millis, Exception cause) {
    TimeoutException late = new TimeoutException("it took longer than " + millis + " ms");
    late.initCause(cause);
    return late;
  }

  /** What runs has its time still; whatever begins later is interrupted at once. */
  @Override
  public void close() {
    watch.shutdown();
  }
}
