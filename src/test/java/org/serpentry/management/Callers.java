// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Threads that call without a pause until the end; a call that fails fails the test. */
final class Callers implements AutoCloseable {
  private final AtomicBoolean over = new AtomicBoolean();
  private final ExecutorService threads;
  private final List<Future<Long>> calls = new ArrayList<>();

  Callers(int count, Runnable call) {
    threads = Executors.newFixedThreadPool(count);
    Callable<Long> loop =
        () -> {
          long done = 0;
          while (!over.get()) {
            call.run();
            done++;
          }
          return done;
        };
    for (int i = 0; i < count; i++) {
      calls.add(threads.submit(loop));
    }
  }

  /** Ends the threads and returns how many calls they have made; throws what one has thrown. */
  long finish() throws Exception {
    over.set(true);
    long total = 0;
    for (Future<Long> call : calls) {
      total += call.get(ManagedPool.SECONDS, TimeUnit.SECONDS);
    }
    return total;
  }

  @Override
  public void close() {
    over.set(true);
    threads.shutdownNow();
  }
}
