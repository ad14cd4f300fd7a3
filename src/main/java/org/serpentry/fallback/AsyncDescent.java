// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.serpentry.api.PythonPoolException;
import org.serpentry.api.Service;
import org.serpentry.pool.CallRequest;
import org.serpentry.pool.CallerFuture;
import org.serpentry.pool.WorkerPool;

/** One asynchronous call on its way down the steps, and the future of it. */
final class AsyncDescent extends CallerFuture {

  private final Cascade cascade;
  private final CallRequest request;
  private final Consumer<Service> by;
  private final Descent descent;
  private volatile CompletableFuture<Object> running;

  AsyncDescent(Cascade cascade, CallRequest request, Consumer<Service> by) {
    this.cascade = cascade;
    this.request = request;
    this.by = by;
    this.descent = new Descent(cascade, request);
    // The items of a stream may still come from the next step.
    request.goesOnAfter(Unable::is);
  }

  /** Begins with a step. */
  void begin(Service step) {
    by.accept(step);
    if (step != Service.SINGLE || cascade.isClosed()) {
      follow(step, cascade.runAsync(step, descent.request()), () -> {});
    } else {
      onSingle();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // this future itself is what ends
  private void onSingle() {
    Single.Use use = cascade.single();
    if (use.worker().isDone()) {
      use.worker().whenComplete((worker, failure) -> started(use, worker, failure));
      return;
    }
    AtomicBoolean decided = new AtomicBoolean();
    Future<?> limit =
        cascade.later(
            descent.patience(),
            () -> {
              if (decided.compareAndSet(false, true)) {
                started(use, null, new TimeoutException("it did not serve in time"));
              }
            });
    use.worker()
        .whenComplete(
            (WorkerPool worker, Throwable failure) -> {
              if (decided.compareAndSet(false, true)) {
                limit.cancel(false);
                started(use, worker, failure);
              }
            });
  }

  /** Nobody would hear what is thrown here, where a future ends. */
  private void started(Single.Use use, WorkerPool worker, Throwable failure) {
    try {
      goOn(use, worker, failure);
    } catch (RuntimeException | Error e) {
      cascade.done(use);
      endWith(e);
    }
  }

  private void goOn(Single.Use use, WorkerPool worker, Throwable failure) {
    if (worker != null && !isDone()) {
      CallRequest call = descent.request();
      Runnable over = cascade.elsewhere(call);
      follow(
          Service.SINGLE,
          worker.callAsync(call, cascade.completions()),
          () -> {
            cascade.done(use);
            over.run();
          });
      return;
    }
    cascade.done(use);
    if (failure != null && cascade.isClosed()) {
      follow(Service.POOL, cascade.runAsync(Service.POOL, descent.request()), () -> {});
    } else if (failure != null) {
      failed(Service.SINGLE, Descent.unable(cascade.name(), failure));
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // this future itself is what ends
  private void follow(Service step, CompletableFuture<Object> call, Runnable over) {
    running = call;
    call.whenComplete(
        (value, thrown) -> {
          try {
            over.run();
            if (thrown == null) {
              cascade.answered(step);
              end(value);
            } else {
              failed(step, Cascade.plain(thrown));
            }
          } catch (RuntimeException | Error e) {
            endWith(e);
          }
        });
    if (isDone()) {
      call.cancel(true);
    }
  }

  private void failed(Service step, Throwable failure) {
    if (!(failure instanceof PythonPoolException e)) {
      endWith(failure);
      return;
    }
    Service next;
    try {
      next = descent.after(step, e);
    } catch (PythonPoolException last) {
      endWithFailure(last);
      return;
    }
    begin(next);
  }

  private void endWithFailure(PythonPoolException last) {
    try {
      end(cascade.orFallback(request, last));
    } catch (RuntimeException | Error e) {
      endWith(e);
    }
  }

  @Override
  protected void abandoned() {
    CompletableFuture<Object> call = running;
    if (call != null) {
      call.cancel(true);
    }
  }
}
