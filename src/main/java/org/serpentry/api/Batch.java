// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;

/** Many calls, so many at once, each with an end of its own. For one thread, once. */
final class Batch<T> {
  private final String pool;
  private final Class<T> type;
  private final List<? extends PythonFunction> calls;
  private final int atOnce;
  private final Semaphore places;
  private final List<CompletableFuture<T>> begun = new ArrayList<>();

  Batch(String pool, Class<T> type, List<? extends PythonFunction> calls, int atOnce) {
    if (atOnce < 1) {
      throw new IllegalArgumentException("A batch runs 1 call at once or more, not " + atOnce);
    }
    this.pool = pool;
    this.type = type;
    this.calls = List.copyOf(calls);
    this.atOnce = atOnce;
    this.places = new Semaphore(atOnce);
  }

  List<BatchResult<T>> run() {
    try {
      for (PythonFunction call : calls) {
        places.acquire();
        CompletableFuture<T> one = call.callAsync(type);
        begun.add(one);
        free(one);
      }
      places.acquire(atOnce);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      begun.forEach(one -> one.cancel(true));
    } catch (RuntimeException | Error e) {
      begun.forEach(one -> one.cancel(true)); // Nobody would ever see their ends.
      throw e;
    }
    List<BatchResult<T>> results = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      results.add(result(calls.get(i).target(), i < begun.size() ? begun.get(i) : null));
    }
    return results;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the call itself is what is looked at
  private void free(CompletableFuture<T> one) {
    one.whenComplete((value, failure) -> places.release());
  }

  private BatchResult<T> result(String target, CompletableFuture<T> one) {
    if (one == null) {
      return new BatchResult<>(target, null, cancelled(target));
    }
    try {
      return new BatchResult<>(target, one.join(), null);
    } catch (CancellationException e) {
      return new BatchResult<>(target, null, cancelled(target));
    } catch (CompletionException e) {
      if (e.getCause() instanceof PythonPoolException failure) {
        return new BatchResult<>(target, null, failure);
      }
      throw e;
    }
  }

  private PythonPoolException cancelled(String target) {
    return new CallCancelledException(
        ErrorContext.ofPool(pool), target, "the interrupt of its batch's thread", null);
  }
}
