// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One request for a Python function: its target, its arguments and its limits, ended by a verb
 * ({@code call}, {@code callAsync}, {@code stream}, {@code publisher}). Immutable: every method
 * that adds something returns a new request, so that one may be kept in a field and shared between
 * threads.
 *
 * <p>Every verb ends in a value or in a {@link PythonPoolException}: the subtype tells what
 * happened, {@link PythonPoolException#isTransient()} whether the call certainly did not start.
 */
public interface PythonFunction {

  /**
   * The function that this request is for.
   *
   * @return {@code module:function}
   */
  String target();

  /**
   * Adds an argument by name.
   *
   * @param name the Python parameter's name
   * @param value any value that JSON-B can write; null becomes {@code None}
   * @return a new request
   * @throws IllegalArgumentException when the name was given already
   */
  PythonFunction arg(String name, Object value);

  /**
   * Adds arguments by position, after those given before.
   *
   * @param values values that JSON-B can write
   * @return a new request
   */
  PythonFunction args(Object... values);

  /**
   * Limits how long the Python function may run, from the sending of the request to its reply.
   *
   * @param timeout a positive duration; the default is the pool's {@code operation-timeout}
   * @return a new request
   */
  PythonFunction timeout(Duration timeout);

  /**
   * Limits how long the call may wait for a worker.
   *
   * @param timeout a positive duration; the default is the pool's {@code checkout-timeout}
   * @return a new request
   */
  PythonFunction checkoutTimeout(Duration timeout);

  /**
   * Limits how long a stream may wait for its next item while its reader has room for one. What it
   * may take in all is limited by {@link #timeout}.
   *
   * @param timeout a positive duration; the default is the pool's {@code stream-idle-timeout}
   * @return a new request
   */
  PythonFunction idleTimeout(Duration timeout);

  /**
   * Limits all that the call may take together: its waits for a worker, its attempts and the pauses
   * between them. Each of them gets what is left. The other limits hold besides. What a fallback
   * takes does not count.
   *
   * @param budget a positive duration; the default is the pool's {@code timeout-budget}
   * @return a new request
   */
  PythonFunction budget(Duration budget);

  /**
   * Limits how often a call is tried again after a failure in which it certainly did not start, or
   * after a worker's failure when it is {@link #idempotent()}.
   *
   * @param retries zero or more; the default is the pool's {@code max-retries}
   * @return a new request
   */
  PythonFunction retries(int retries);

  /**
   * Declares that running the function twice does no harm, so that a call whose worker died in the
   * middle may be tried again.
   *
   * @return a new request
   */
  PythonFunction idempotent();

  /**
   * Gives an answer for a call that failed after its retries.
   *
   * <p>In a server, the future of an asynchronous call ends even when its fallback does not: after
   * a refusal, or once the limit of the call has run out, the fallback has a second, then the
   * caller gets the failure. A synchronous call waits for its fallback as long as that takes.
   *
   * @param fallback receives the failure and returns the value in its place; may throw
   * @return a new request
   */
  PythonFunction fallback(Function<? super PythonPoolException, ?> fallback);

  /**
   * Has another Python function answer for a call that failed after its retries: it gets the same
   * arguments and limits, and its own time. When it fails as well, the caller gets its failure,
   * with the first one as suppressed.
   *
   * @param target {@code module:function} of the same pool
   * @return a new request
   * @throws IllegalArgumentException when the target is not of that form
   */
  PythonFunction fallbackTo(String target);

  /**
   * Calls the function and waits for its result. An interrupt of the waiting thread cancels the
   * Python work, is kept as the thread's interrupt status and ends in {@link
   * CallCancelledException}.
   *
   * @param type the result's type
   * @param <T> the result's type
   * @return the result; null when Python returned {@code None}
   * @throws PythonPoolException when there is no result
   */
  <T> T call(Class<T> type);

  /**
   * As {@link #call(Class)}, for a generic type.
   *
   * @param type the result's type
   * @param <T> the result's type
   * @return the result; null when Python returned {@code None}
   * @throws PythonPoolException when there is no result
   */
  <T> T call(PythonType<T> type);

  /**
   * Calls the function, waits for its end and drops its result.
   *
   * @throws PythonPoolException when it did not end well
   */
  void call();

  /**
   * Calls the function without blocking the calling thread, not even for a worker. Cancelling the
   * future cancels the Python work.
   *
   * @param type the result's type
   * @param <T> the result's type
   * @return a future that ends in the result or in a {@link PythonPoolException}
   */
  <T> CompletableFuture<T> callAsync(Class<T> type);

  /**
   * As {@link #callAsync(Class)}, for a generic type.
   *
   * @param type the result's type
   * @param <T> the result's type
   * @return a future that ends in the result or in a {@link PythonPoolException}
   */
  <T> CompletableFuture<T> callAsync(PythonType<T> type);

  /**
   * As {@link #callAsync(Class)}, dropping the result.
   *
   * @return a future that ends in null or in a {@link PythonPoolException}
   */
  CompletableFuture<Void> callAsync();

  /**
   * Calls a function that yields, and gives its items as they come. The call begins at once; Python
   * is never further ahead of the reader than {@code stream-window} and {@code stream-buffer} let
   * it. The worker's place is taken until the last item has been read or the stream is closed, so
   * close it (try-with-resources) unless you read it to its end: that reaches Python, where the
   * generator's {@code finally} runs.
   *
   * <p>Reading waits for the next item and throws the {@link PythonPoolException} that the call
   * ended in, after the items before it. An interrupt cancels the Python work, is kept as the
   * thread's interrupt status and ends in {@link CallCancelledException}. A stream is read once, by
   * one thread at a time; it is never run twice, whatever is declared {@link #idempotent()}.
   *
   * @param type the items' type
   * @param <T> the items' type
   * @return the items; null where Python yielded {@code None}
   * @throws IllegalStateException when the request has a fallback
   */
  <T> Stream<T> stream(Class<T> type);

  /**
   * As {@link #stream(Class)}, for a generic type.
   *
   * @param type the items' type
   * @param <T> the items' type
   * @return the items
   * @throws IllegalStateException when the request has a fallback
   */
  <T> Stream<T> stream(PythonType<T> type);

  /**
   * As {@link #stream(Class)}, without a thread that waits. Each subscription is a call of its own,
   * which begins with the subscriber's first request for items; cancelling it cancels the Python
   * work. Subscribers are told on the threads on which asynchronous calls end. {@code None} among
   * the items ends the subscription in a {@link NullPointerException}.
   *
   * @param type the items' type
   * @param <T> the items' type
   * @return a publisher that may be subscribed to any number of times
   * @throws IllegalStateException when the request has a fallback
   */
  <T> Flow.Publisher<T> publisher(Class<T> type);

  /**
   * As {@link #publisher(Class)}, for a generic type.
   *
   * @param type the items' type
   * @param <T> the items' type
   * @return a publisher
   * @throws IllegalStateException when the request has a fallback
   */
  <T> Flow.Publisher<T> publisher(PythonType<T> type);
}
