// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.serpentry.api.Answered;
import org.serpentry.api.Service;

/** One call that wants to know what answered it. Its path notes that on the way. */
final class Noting implements CallPath {

  private final CallPath path;
  private volatile Service by = Service.POOL;

  private Noting(CallPath path) {
    this.path = path;
  }

  /** The type of the value within an {@link Answered}, or null when the type is none. */
  static Type within(Type type) {
    return type instanceof ParameterizedType generic && generic.getRawType() == Answered.class
        ? generic.getActualTypeArguments()[0]
        : null;
  }

  /** Runs a call for its value and what gave it. */
  static Answered<Object> answered(CallPath path, CallRequest request) {
    Noting noting = new Noting(path);
    Object value = PythonFallback.call(noting, request);
    return new Answered<>(value, noting.by);
  }

  /** The same without blocking. */
  static CompletableFuture<Object> answeredAsync(CallPath path, CallRequest request) {
    Noting noting = new Noting(path);
    Relay relay = new Relay();
    relay.follow(PythonFallback.callAsync(noting, request), noting);
    return relay;
  }

  private void note(Service service) {
    by = service;
  }

  @Override
  public Object call(CallRequest request) {
    return path.answer(request, this::note);
  }

  @Override
  public CompletableFuture<Object> callAsync(CallRequest request) {
    return path.answerAsync(request, this::note);
  }

  @Override
  public String name() {
    return path.name();
  }

  @Override
  public Executor deliveries() {
    return path.deliveries();
  }

  @Override
  public boolean asksFallbacks() {
    return path.asksFallbacks();
  }

  /** The caller's future; giving it up gives up the call. */
  private static final class Relay extends CallerFuture {
    private volatile CompletableFuture<Object> call;

    @SuppressWarnings("FutureReturnValueIgnored") // this future itself is what ends
    void follow(CompletableFuture<Object> running, Noting noting) {
      call = running;
      running.whenComplete(
          (value, thrown) -> {
            if (thrown == null) {
              end(new Answered<>(value, noting.by));
            } else {
              endWith(
                  thrown instanceof CompletionException && thrown.getCause() != null
                      ? thrown.getCause()
                      : thrown);
            }
          });
    }

    @Override
    protected void abandoned() {
      CompletableFuture<Object> running = call;
      if (running != null) {
        running.cancel(true);
      }
    }
  }
}
