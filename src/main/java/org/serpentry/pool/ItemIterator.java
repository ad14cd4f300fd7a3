// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.serpentry.api.CallCancelledException;
import org.serpentry.api.ErrorContext;

/**
 * Reads a stream on the thread that wants its items, which waits for them. Used by one thread at a
 * time, but for {@link #close}, which any thread may call.
 *
 * @param <T> the items' type
 */
final class ItemIterator<T> implements Iterator<T>, AutoCloseable {

  private final CallPath path;
  private final CallRequest request;
  private final Inflow inflow;
  private final CompletableFuture<Object> call;
  private T next;
  private boolean ready;

  private ItemIterator(CallPath path, CallRequest request, Inflow inflow) {
    this.path = path;
    this.request = request;
    this.inflow = inflow;
    this.call = path.callAsync(request);
    endsWith(inflow, call);
  }

  /** Begins a stream's call and gives its items. */
  static <T> Stream<T> begin(CallPath path, CallRequest plain, Type type, Duration idle) {
    Inflow inflow = new Inflow(type, idle, () -> {});
    ItemIterator<T> items = new ItemIterator<>(path, plain.streaming(inflow), inflow);
    return StreamSupport.stream(
            Spliterators.<T>spliteratorUnknownSize(items, Spliterator.ORDERED), false)
        .onClose(items::close);
  }

  /** Has a stream end with its call, unless it has heard of its end from the pool itself. */
  @SuppressWarnings("FutureReturnValueIgnored") // nothing is derived from it
  static void endsWith(Inflow inflow, CompletableFuture<Object> call) {
    call.whenComplete(
        (nothing, thrown) -> {
          if (thrown == null) {
            inflow.ended();
          } else {
            Throwable plain =
                thrown instanceof CompletionException && thrown.getCause() != null
                    ? thrown.getCause()
                    : thrown;
            inflow.failed(() -> plain);
          }
        });
  }

  @Override
  @SuppressWarnings("unchecked") // the codec gives the stream's type
  public boolean hasNext() {
    if (ready) {
      return true;
    }
    Inflow.Item item;
    try {
      item = inflow.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw interrupted();
    }
    if (item == null) {
      Supplier<? extends Throwable> end = inflow.endReached();
      if (end != null) {
        fail(end.get());
      }
      return false;
    }
    try {
      next = (T) item.value();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    ready = true;
    return true;
  }

  private static void fail(Throwable failure) {
    if (failure instanceof CancellationException) {
      return; // Closed by its reader.
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure != null) {
      throw new IllegalStateException("The stream ended in " + failure, failure);
    }
  }

  private CallCancelledException interrupted() {
    ErrorContext context = ErrorContext.ofPool(path.name()).withSession(request.sessionId());
    return new CallCancelledException(context, request.target(), "its thread's interrupt", null);
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException("The stream of " + request.target() + " has ended");
    }
    T item = next;
    next = null;
    ready = false;
    return item;
  }

  @Override
  public void close() {
    inflow.close();
    call.cancel(true);
  }
}
