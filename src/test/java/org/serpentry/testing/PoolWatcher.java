// SPDX-License-Identifier: Apache-2.0
package org.serpentry.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.serpentry.api.Transition;
import org.serpentry.api.WorkerState;
import org.serpentry.spi.ErrorAlert;
import org.serpentry.spi.HealthEvent;
import org.serpentry.spi.PoolHealth;
import org.serpentry.spi.PoolListener;
import org.serpentry.spi.RecoveryEvent;
import org.serpentry.spi.ReloadEvent;
import org.serpentry.spi.ServiceEvent;
import org.serpentry.spi.SessionEvent;

/**
 * Remembers everything that a pool tells its listeners and lets a test wait for it, so that no test
 * sleeps or polls. Attach it to the builder, before the pool starts. Any thread may wait.
 */
public final class PoolWatcher implements PoolListener {

  /** Longer than anything that goes well takes; only a failing test waits for so long. */
  private static final long PATIENCE_SECONDS = 30;

  /** A worker reached a state. */
  public record Moved(WorkerRef worker, Transition transition) {}

  /** A worker's process was reaped. */
  public record Exited(WorkerRef worker, String how, boolean expected) {}

  /** A worker was told to leave for a reason of the pool's. */
  public record Recycled(WorkerRef worker, RecycleReason reason) {}

  /** A rung of the ladder was used. */
  public record Climbed(WorkerRef worker, String rung, long requestId) {}

  /** A worker printed. */
  public record Printed(WorkerRef worker, String stream, List<String> lines) {}

  /** A worker's output was dropped. */
  public record Dropped(WorkerRef worker, long lines) {}

  /** A worker logged. */
  public record Logged(WorkerRef worker, List<Map<String, Object>> records) {}

  /** A worker dumped its stacks. */
  public record Dumped(WorkerRef worker, String text) {}

  /** A call told its progress. */
  public record Progressed(WorkerRef worker, long requestId, Object value) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition heard = lock.newCondition();
  private final List<Object> events = new ArrayList<>();
  private final boolean calls;

  /** Remembers everything. */
  public PoolWatcher() {
    this(true);
  }

  /**
   * Remembers everything, the ends of calls perhaps excepted.
   *
   * @param calls whether the ends of calls, too
   */
  public PoolWatcher(boolean calls) {
    this.calls = calls;
  }

  private void hear(Object event) {
    lock.lock();
    try {
      events.add(event);
      heard.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Every event of a kind so far, oldest first. */
  public <E> List<E> all(Class<E> kind) {
    lock.lock();
    try {
      return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    } finally {
      lock.unlock();
    }
  }

  /** How many events there have been, to be given to {@link #awaitAfter}. */
  public int mark() {
    lock.lock();
    try {
      return events.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * What has come after a mark, once nothing more has come for a tenth of a second, or a second is
   * over: what a worker prints is on its way for a moment. For reports, not for assertions.
   */
  public List<Object> settledAfter(int mark) {
    lock.lock();
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
      while (heard.await(100, TimeUnit.MILLISECONDS) && System.nanoTime() - end < 0) {
        // Something has come: there may be more.
      }
      return List.copyOf(events.subList(mark, events.size()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.copyOf(events.subList(mark, events.size()));
    } finally {
      lock.unlock();
    }
  }

  /** Where this very event stands among all. */
  public int indexOf(Object event) {
    lock.lock();
    try {
      for (int i = 0; i < events.size(); i++) {
        if (events.get(i) == event) {
          return i;
        }
      }
      throw new AssertionError("never heard: " + event);
    } finally {
      lock.unlock();
    }
  }

  /** Waits for an event, be it past or to come. */
  public <E> E await(Class<E> kind, Predicate<E> wanted) {
    return awaitAfter(0, kind, wanted);
  }

  /** Waits for an event that comes after a mark. */
  public <E> E awaitAfter(int mark, Class<E> kind, Predicate<E> wanted) {
    long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    lock.lock();
    try {
      int seen = mark;
      while (true) {
        for (; seen < events.size(); seen++) {
          if (kind.isInstance(events.get(seen)) && wanted.test(kind.cast(events.get(seen)))) {
            return kind.cast(events.get(seen));
          }
        }
        if (left <= 0) {
          throw new AssertionError(
              "No such %s; heard:%n%s"
                  .formatted(
                      kind.getSimpleName(),
                      String.join("\n", events.stream().map(String::valueOf).toList())));
        }
        left = heard.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted while it waited for a " + kind.getSimpleName(), e);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there have been this many events of a kind. */
  public void awaitCount(Class<?> kind, int count) {
    AtomicInteger left = new AtomicInteger(count);
    await(kind, event -> left.decrementAndGet() == 0);
  }

  /** Waits until a call has told this as its progress. */
  public Progressed awaitProgress(int mark, Object value) {
    return awaitAfter(mark, Progressed.class, p -> p.value().equals(value));
  }

  /** Waits until the process has been reaped. */
  public Exited awaitExit(int pid) {
    return await(Exited.class, e -> e.worker().pid() == pid);
  }

  /** Waits until a worker of this slot has become ready after a mark. */
  public Moved awaitReady(int mark, int slot) {
    return awaitAfter(
        mark,
        Moved.class,
        m -> m.worker().slot() == slot && m.transition().to() == WorkerState.READY);
  }

  @Override
  public void onTransition(WorkerRef worker, Transition transition) {
    hear(new Moved(worker, transition));
  }

  @Override
  public void onCallEnd(CallEnd call) {
    if (calls) {
      hear(call);
    }
  }

  @Override
  public void onWorkerExit(WorkerRef worker, String how, boolean expected) {
    hear(new Exited(worker, how, expected));
  }

  @Override
  public void onHealth(HealthEvent event) {
    hear(event);
  }

  @Override
  public void onRecovery(RecoveryEvent event) {
    hear(event);
  }

  @Override
  public void onLadder(WorkerRef worker, String rung, long requestId) {
    hear(new Climbed(worker, rung, requestId));
  }

  @Override
  public void onDump(WorkerRef worker, String text) {
    hear(new Dumped(worker, text));
  }

  @Override
  public void onOutput(WorkerRef worker, String stream, List<String> lines) {
    hear(new Printed(worker, stream, lines));
  }

  @Override
  public void onLog(WorkerRef worker, List<Map<String, Object>> records) {
    hear(new Logged(worker, records));
  }

  @Override
  public void onOutputDropped(WorkerRef worker, long lines) {
    hear(new Dropped(worker, lines));
  }

  @Override
  public void onProgress(WorkerRef worker, long requestId, Object value) {
    hear(new Progressed(worker, requestId, value));
  }

  @Override
  public void onReload(ReloadEvent event) {
    hear(event);
  }

  @Override
  public void onRecycled(WorkerRef worker, RecycleReason reason) {
    hear(new Recycled(worker, reason));
  }

  @Override
  public void onSlowCall(SlowCall call) {
    hear(call);
  }

  @Override
  public void onCircuit(CircuitChange change) {
    hear(change);
  }

  @Override
  public void onErrorAlert(ErrorAlert alert) {
    hear(alert);
  }

  @Override
  public void onService(ServiceEvent event) {
    hear(event);
  }

  @Override
  public void onPoolHealth(PoolHealth report) {
    hear(report);
  }

  @Override
  public void onBreaker(BreakerChange change) {
    hear(change);
  }

  @Override
  public void onPoolEvent(PoolEvent event) {
    hear(event);
  }

  @Override
  public void onSession(SessionEvent event) {
    hear(event);
  }
}
