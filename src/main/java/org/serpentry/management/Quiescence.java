// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Waits until no call runs any more, looking once a second on the housekeeping thread. The future
 * may be read by any thread.
 */
final class Quiescence {

  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final Housekeeping housekeeping;
  private final IntSupplier running;
  private final LongSupplier nanoTime;
  private final long end;
  private final Duration patience;

  private Quiescence(
      Housekeeping housekeeping, IntSupplier running, LongSupplier nanoTime, Duration patience) {
    this.housekeeping = housekeeping;
    this.running = running;
    this.nanoTime = nanoTime;
    this.patience = patience;
    this.end = nanoTime.getAsLong() + patience.toNanos();
  }

  /**
   * Begins to wait.
   *
   * @param running counts the calls that run
   * @param patience how long; then the future ends with a {@link TimeoutException} that says how
   *     many calls still ran
   * @return ends when none runs
   */
  static CompletableFuture<Void> await(
      Housekeeping housekeeping, IntSupplier running, LongSupplier nanoTime, Duration patience) {
    Quiescence wait = new Quiescence(housekeeping, running, nanoTime, patience);
    housekeeping.every(wait, wait::look);
    housekeeping.run(wait::look);
    return wait.done;
  }

  private void look() {
    int left = running.getAsInt();
    if (left == 0) {
      done.complete(null);
    } else if (nanoTime.getAsLong() - end >= 0) {
      done.completeExceptionally(
          new TimeoutException("%d calls still ran after %s".formatted(left, patience)));
    } else {
      return;
    }
    housekeeping.stop(this);
  }
}
