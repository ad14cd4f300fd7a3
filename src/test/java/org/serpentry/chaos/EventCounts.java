// SPDX-License-Identifier: Apache-2.0
package org.serpentry.chaos;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.spi.PoolListener;

/**
 * Counts what a pool tells, without keeping it, for runs of any length. The adversary may make it
 * slow, as a listener must not be: it then keeps the pool's control thread.
 */
final class EventCounts implements PoolListener {

  private static final Pattern TEMPLATE = Pattern.compile("is ready as process (\\d+)");

  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
  private final Set<Long> templates = ConcurrentHashMap.newKeySet();
  private final AtomicLong template = new AtomicLong();
  private final AtomicLong slowness = new AtomicLong();

  /** Has the next event keep the control thread for so long. */
  void slowDown(long millis) {
    slowness.set(millis);
  }

  /** The process of the last template that became ready, or 0. */
  long template() {
    return template.get();
  }

  /** What has been counted, by name. */
  Map<String, Long> counts() {
    Map<String, Long> sorted = new TreeMap<>();
    counts.forEach((name, count) -> sorted.put(name, count.sum()));
    return sorted;
  }

  private void count(String name) {
    counts.computeIfAbsent(name, key -> new LongAdder()).increment();
    long millis = slowness.get() == 0 ? 0 : slowness.getAndSet(0);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public void onTransition(WorkerRef worker, Transition transition) {
    if (transition.to() == WorkerState.READY && transition.from() == WorkerState.INITIALIZING) {
      count("workers started");
    } else if (transition.to() == WorkerState.TERMINATING) {
      // Without its numbers, of which there are as many as workers.
      count("workers ended: " + transition.reason().replaceAll("\\d+", "N"));
    }
  }

  @Override
  public void onWorkerExit(WorkerRef worker, String how, boolean expected) {
    count(expected ? "exits expected" : "exits unexpected");
  }

  @Override
  public void onOutput(WorkerRef worker, String stream, List<String> lines) {
    count("output events");
  }

  @Override
  public void onOutputDropped(WorkerRef worker, long lines) {
    count("output dropped events");
  }

  @Override
  public void onPoolEvent(PoolEvent event) {
    Matcher ready = TEMPLATE.matcher(event.text());
    if (ready.find()) {
      template.set(Long.parseLong(ready.group(1)));
      templates.add(template.get());
      count("templates started");
    } else if (event.text().startsWith("the launcher was lost")) {
      count("launchers lost");
    } else if (event.text().contains("refused")) {
      count("connections refused");
    }
  }
}
