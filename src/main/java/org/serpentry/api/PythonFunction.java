// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * One request for a Python function: its target, its arguments and its limits, ended by a verb
 * ({@code call}, {@code callAsync}). Immutable: every method that adds something returns a new
 * request, so that one may be kept in a field and shared between threads.
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
}
