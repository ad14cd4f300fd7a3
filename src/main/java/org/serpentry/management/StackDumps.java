// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.serpentry.pool.WorkerPool;
import org.serpentry.spi.PoolListener;

/**
 * The Python stacks of all workers of a pool at a moment, for a console. Made for one question,
 * asked by one thread; the pool's control thread brings the answers.
 */
final class StackDumps implements PoolListener {

  // A console may be kept waiting for a second in all, on a busy machine too.
  private static final long PATIENCE_MILLIS = 700;

  private final Map<Long, String> answers = new ConcurrentHashMap<>();
  private final Semaphore arrived = new Semaphore(0);

  private StackDumps() {}

  /**
   * Asks all workers that serve, and waits for what they write, at most for a second.
   *
   * @return the stacks, worker by worker; a worker that has not answered is named as such
   */
  static String of(WorkerPool pool) {
    StackDumps dumps = new StackDumps();
    pool.attach(dumps);
    try {
      List<WorkerRef> asked = pool.control().requestStackDumps();
      dumps.await(asked.size());
      return dumps.text(asked);
    } finally {
      pool.detach(dumps);
    }
  }

  private void await(int count) {
    try {
      if (arrived.tryAcquire(count, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
        return; // Otherwise those that are missing are named.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String text(List<WorkerRef> asked) {
    if (asked.isEmpty()) {
      return "No worker serves.\n";
    }
    StringBuilder text = new StringBuilder();
    for (WorkerRef worker : asked) {
      String stacks =
          answers.getOrDefault(
              worker.worker(),
              "No answer within "
                  + PATIENCE_MILLIS
                  + " ms: it is stopped, or has just ended, or the machine is very busy.");
      text.append("== ").append(worker).append('\n').append(stacks.strip()).append("\n\n");
    }
    return text.toString();
  }

  @Override
  public void onDump(WorkerRef worker, String stacks) {
    // The ladder may have asked for one at the same time.
    if (answers.put(worker.worker(), stacks) == null) {
      arrived.release();
    }
  }
}
