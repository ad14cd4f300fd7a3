// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for what nobody tells of. */
final class Events {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private Events() {}

  /** Returns when the condition holds; fails after 30 s. */
  static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("it did not come about within 30 s");
      }
      Thread.onSpinWait();
    }
  }
}
