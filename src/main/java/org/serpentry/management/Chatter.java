// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.serpentry.spi.PoolListener;

/** Counts what a pool's workers print and log. Hears on its control thread; any thread reads. */
final class Chatter implements PoolListener {

  private final LongAdder printed = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder logged = new LongAdder();

  @Override
  public void onOutput(WorkerRef worker, String stream, List<String> lines) {
    printed.add(lines.size());
  }

  @Override
  public void onOutputDropped(WorkerRef worker, long lines) {
    dropped.add(lines);
  }

  @Override
  public void onLog(WorkerRef worker, List<Map<String, Object>> records) {
    logged.add(records.size());
  }

  /** Lines that arrived. */
  long printed() {
    return printed.sum();
  }

  /** Lines that workers printed faster than they could be passed on. */
  long dropped() {
    return dropped.sum();
  }

  /** Records of Python's {@code logging} that arrived. */
  long logged() {
    return logged.sum();
  }
}
