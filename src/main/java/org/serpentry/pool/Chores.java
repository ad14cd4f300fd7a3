// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A pool's thread for what may block and must not hold up the reactor: copying and watching code,
 * writing the run registry, looking through {@code /proc}. The thread lives only while there is
 * something to do. Any thread may call.
 */
final class Chores implements AutoCloseable {

  private static final Logger LOG = System.getLogger(Chores.class.getName());
  private static final long IDLE_SECONDS = 5;
  private static final long END_SECONDS = 10;

  private final ScheduledThreadPoolExecutor executor;
  private volatile Thread latest;

  Chores(String pool) {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              // It inherits nothing of whatever thread happens to cause its start.
              Thread thread = new Thread(null, task, "serpentry-" + pool + "-chores", 0, false);
              thread.setContextClassLoader(Chores.class.getClassLoader());
              thread.setDaemon(true);
              latest = thread;
              return thread;
            });
    executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Does something soon; false when the pool has ended, and it is never done. */
  boolean execute(Runnable task) {
    return schedule(0, task);
  }

  /** Does something later, unless the pool ends before. */
  @SuppressWarnings("FutureReturnValueIgnored") // what is thrown is logged by the task itself
  boolean schedule(long millis, Runnable task) {
    try {
      executor.schedule(() -> run(task), millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "A task of the pool failed", e);
    }
  }

  /** Ends the thread, interrupting what it does, and waits for it. */
  @Override
  public void close() {
    executor.shutdownNow();
    try {
      if (!executor.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        LOG.log(Level.ERROR, "The pool''s thread for chores has not ended");
      }
      Thread thread = latest;
      if (thread != null) {
        thread.join(END_SECONDS * 1_000); // It is still leaving when the executor has terminated.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
