// SPDX-License-Identifier: Apache-2.0
package org.serpentry.fallback;

import java.util.concurrent.CompletableFuture;
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
  private final CallRequest plain;
  private final Consumer<Service> by;
  private final Descent descent;
  private volatile CompletableFuture<Object> running;

  AsyncDescent(Cascade cascade, CallRequest request, Consumer<Service> by) {
    this.cascade = cascade;
    this.request = request;
    this.plain = cascade.plain(request);
    this.by = by;
    this.descent = new Descent(cascade);
  }

  /** Begins with a step. */
  @SuppressWarnings("FutureReturnValueIgnored") // this future itself is what ends
  void begin(Service step) {
    by.accept(step);
    if (step != Service.SINGLE || cascade.isClosed()) {
      follow(step, cascade.runAsync(step, plain));
      return;
    }
    cascade
        .single()
        .whenComplete(
            (WorkerPool worker, Throwable failure) -> {
              if (failure != null && cascade.isClosed()) {
                follow(Service.POOL, cascade.runAsync(Service.POOL, plain));
              } else if (failure != null) {
                failed(step, Descent.unable(cascade.name(), failure));
              } else if (!isDone()) {
                follow(step, worker.callAsync(plain, cascade.completions()));
              }
            });
  }

  @SuppressWarnings("FutureReturnValueIgnored") // this future itself is what ends
  private void follow(Service step, CompletableFuture<Object> call) {
    running = call;
    call.whenComplete(
        (value, thrown) -> {
          if (thrown == null) {
            cascade.steps().answered(step);
            end(value);
          } else {
            failed(step, Cascade.plain(thrown));
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
