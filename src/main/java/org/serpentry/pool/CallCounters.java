// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.serpentry.api.Outcome;
import org.serpentry.worker.Worker;

/** Counts how calls ended. Any thread adds, any thread reads; the sums are momentary. */
final class CallCounters {

  private final Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);
  private final LongAdder checkoutTimeouts = new LongAdder();
  private final LongAdder rejections = new LongAdder();
  private final LongAdder retries = new LongAdder();

  CallCounters() {
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(outcome, new LongAdder());
    }
  }

  void ended(Worker worker, Outcome outcome) {
    outcomes.get(outcome).increment();
    if (outcome == Outcome.PYTHON_ERROR || outcome == Outcome.TIMED_OUT) {
      worker.condition().callFailed();
    }
  }

  void checkoutTimedOut() {
    checkoutTimeouts.increment();
  }

  void rejected() {
    rejections.increment();
  }

  void retried() {
    retries.increment();
  }

  PoolSnapshot.Calls snapshot() {
    return new PoolSnapshot.Calls(
        count(Outcome.SUCCESS),
        count(Outcome.PYTHON_ERROR),
        count(Outcome.WORKER_FAILURE),
        count(Outcome.TIMED_OUT),
        count(Outcome.CANCELLED),
        checkoutTimeouts.sum(),
        rejections.sum(),
        retries.sum());
  }

  private long count(Outcome outcome) {
    return outcomes.get(outcome).sum();
  }
}
