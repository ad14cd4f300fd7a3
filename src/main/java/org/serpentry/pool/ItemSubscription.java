// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * One subscriber's stream. The subscriber is told on the path's executor, by one thread at a time:
 * who finds nobody telling starts a task that tells all there is. Any thread may call anything.
 *
 * @param <T> the items' type
 */
final class ItemSubscription<T> implements Flow.Subscription {

  private static final Logger LOG = System.getLogger(ItemSubscription.class.getName());

  private final ItemPublisher<T> publisher;
  private final Flow.Subscriber<? super T> subscriber;
  private final Executor executor;
  private final Inflow inflow;
  private final AtomicLong wanted = new AtomicLong();
  private final AtomicInteger signals = new AtomicInteger();
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile CompletableFuture<Object> call;
  private volatile Throwable refused;
  private volatile boolean over;

  ItemSubscription(ItemPublisher<T> publisher, Flow.Subscriber<? super T> subscriber) {
    this.publisher = publisher;
    this.subscriber = subscriber;
    this.executor = publisher.path().deliveries();
    this.inflow = new Inflow(publisher.type(), publisher.idle(), this::signal);
  }

  @Override
  public void request(long count) {
    if (over) {
      return;
    }
    if (count <= 0) {
      refused = new IllegalArgumentException("A request must be for 1 item or more, not " + count);
    } else {
      wanted.accumulateAndGet(
          count, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b); // Without end, as Flow has it.
      begin();
    }
    signal();
  }

  private void begin() {
    if (begun.compareAndSet(false, true)) {
      CompletableFuture<Object> started =
          publisher.path().callAsync(publisher.request().streaming(inflow));
      call = started;
      ItemIterator.endsWith(inflow, started);
      if (over) {
        started.cancel(true);
      }
    }
  }

  @Override
  public void cancel() {
    over = true;
    inflow.close();
    CompletableFuture<Object> running = call;
    if (running != null) {
      running.cancel(true);
    }
  }

  /** Something has come. Whatever the executor and the subscriber throw, the call is not hurt. */
  private void signal() {
    if (signals.getAndIncrement() != 0) {
      return;
    }
    try {
      executor.execute(this::tell);
    } catch (RejectedExecutionException e) {
      tellHere(); // It is shutting down, and the subscriber must hear all the same.
    } catch (RuntimeException | Error e) {
      log(e);
      if (!over) { // Else the executor has run it, and the subscriber threw that.
        tellHere();
      }
    }
  }

  private void tellHere() {
    try {
      tell();
    } catch (RuntimeException | Error e) {
      log(e);
    }
  }

  private void log(Throwable thrown) {
    LOG.log(
        Level.WARNING,
        "A subscriber to " + publisher.request().target() + ", or its executor, failed",
        thrown);
  }

  private void tell() {
    int seen = signals.get();
    do {
      tellAll();
      seen = signals.addAndGet(-seen);
    } while (seen != 0);
  }

  private void tellAll() {
    while (!over) {
      if (refused != null) {
        cancel();
        subscriber.onError(refused);
        return;
      }
      Supplier<? extends Throwable> end = inflow.endReached();
      if (end != null) {
        end(failure(end));
        return;
      }
      if (wanted.get() == 0) {
        return;
      }
      Inflow.Item item = inflow.poll();
      if (item == null) {
        return;
      }
      tellNext(item);
    }
  }

  private static Throwable failure(Supplier<? extends Throwable> end) {
    try {
      return end.get();
    } catch (RuntimeException | Error e) {
      return e;
    }
  }

  private void end(Throwable failure) {
    over = true;
    if (failure == null) {
      subscriber.onComplete();
    } else {
      subscriber.onError(failure);
    }
  }

  /** Tells one item. A subscriber that throws ends its subscription, as Flow has it. */
  @SuppressWarnings("unchecked") // the codec gives the stream's type
  private void tellNext(Inflow.Item item) {
    T value;
    try {
      value = (T) item.value();
      if (value == null) {
        throw new NullPointerException(
            "None among the items of %s: a publisher gives no null, stream() does"
                .formatted(publisher.request().target()));
      }
    } catch (RuntimeException | Error e) {
      cancel();
      subscriber.onError(e);
      return;
    }
    wanted.updateAndGet(n -> n == Long.MAX_VALUE ? n : n - 1);
    try {
      subscriber.onNext(value);
    } catch (RuntimeException | Error e) {
      cancel();
      throw e;
    }
  }
}
