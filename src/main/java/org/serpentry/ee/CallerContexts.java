// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import jakarta.enterprise.concurrent.ContextService;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;

/**
 * Where asynchronous calls end: on the server's managed executor, with the class loader, naming and
 * security context of the caller. Any thread may call.
 */
final class CallerContexts {

  private final Executor managed;
  private final ContextService contexts;
  private final ClassLoader application;

  CallerContexts(Executor managed, ContextService contexts, ClassLoader application) {
    this.managed = managed;
    this.contexts = contexts;
    this.application = application;
  }

  /**
   * An executor with the context of the calling thread. When the managed executor takes no more
   * tasks, since the server is stopping, it runs them on the thread that has them.
   */
  Executor capture() {
    Executor caller = contexts.currentContextExecutor();
    return task -> {
      try {
        managed.execute(() -> caller.execute(task));
      } catch (RejectedExecutionException e) {
        task.run();
      }
    };
  }

  /**
   * Ends calls that the managed executor did not end in time, since all of its threads are held: it
   * never waits for that one.
   */
  Executor application() {
    return task ->
        ForkJoinPool.commonPool()
            .execute(
                () -> {
                  Thread thread = Thread.currentThread();
                  ClassLoader before = thread.getContextClassLoader();
                  thread.setContextClassLoader(application);
                  try {
                    task.run();
                  } finally {
                    thread.setContextClassLoader(before);
                  }
                });
  }
}
