// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.serpentry.api.PythonPoolException;

/**
 * A fallback that is a Python function: it is no function to be applied, since that would block the
 * thread that ends an asynchronous call, but a further call on the same path. Immutable.
 */
final class PythonFallback implements Function<PythonPoolException, Object> {

  private final CallRequest instead;

  /** Falls back to the target of a request. */
  PythonFallback(CallRequest instead) {
    this.instead = instead;
  }

  /** Never applied: {@link #call} and {@link #callAsync} take it off the request. */
  @Override
  public Object apply(PythonPoolException failure) {
    throw failure;
  }

  /** Runs a call, and its Python fallback when it has one and needs it. */
  static Object call(CallPath path, CallRequest request) {
    if (!(request.fallback() instanceof PythonFallback own) || !path.asksFallbacks()) {
      return path.call(request);
    }
    try {
      return path.call(plain(request));
    } catch (PythonPoolException e) {
      try {
        return path.call(request.toward(own.instead));
      } catch (PythonPoolException second) {
        second.addSuppressed(e);
        throw second;
      }
    }
  }

  /** The same without blocking. */
  static CompletableFuture<Object> callAsync(CallPath path, CallRequest request) {
    if (!(request.fallback() instanceof PythonFallback own) || !path.asksFallbacks()) {
      return path.callAsync(request);
    }
    Chain chain = new Chain();
    chain.follow(path.callAsync(plain(request)), path, request.toward(own.instead), null);
    return chain;
  }

  private static CallRequest plain(CallRequest request) {
    return request.withoutFallback(request.retries(), request.budget());
  }

  /** The caller's future of both calls; giving it up gives up the one that runs. */
  private static final class Chain extends CallerFuture {
    private volatile CompletableFuture<Object> running;

    @SuppressWarnings("FutureReturnValueIgnored") // this future itself is what ends
    void follow(CompletableFuture<Object> call, CallPath path, CallRequest next, Throwable before) {
      running = call;
      call.whenComplete((value, thrown) -> over(value, plain(thrown), path, next, before));
      if (isDone()) {
        call.cancel(true);
      }
    }

    private void over(
        Object value, Throwable failure, CallPath path, CallRequest next, Throwable before) {
      if (failure == null) {
        end(value);
      } else if (next != null && failure instanceof PythonPoolException && !isDone()) {
        follow(started(path, next), path, null, failure);
      } else {
        if (before != null && failure != before) {
          failure.addSuppressed(before);
        }
        endWith(failure);
      }
    }

    /** Nobody would hear what is thrown here, where a future ends. */
    private static CompletableFuture<Object> started(CallPath path, CallRequest next) {
      try {
        return path.callAsync(next);
      } catch (RuntimeException | Error e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private static Throwable plain(Throwable thrown) {
      return thrown instanceof CompletionException && thrown.getCause() != null
          ? thrown.getCause()
          : thrown;
    }

    @Override
    protected void abandoned() {
      CompletableFuture<Object> now = running;
      if (now != null) {
        now.cancel(true);
      }
    }
  }
}
