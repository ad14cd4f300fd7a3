// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.serpentry.api.Service;

/**
 * The way of a call from the request to its end. {@link WorkerPool} is the core's; the Jakarta EE
 * shell puts its fault-tolerance guard in front of it. Called by any thread.
 */
public interface CallPath {

  /**
   * Runs a call and waits for its end.
   *
   * @param request the call
   * @return its result, of the request's type
   * @throws org.serpentry.api.PythonPoolException when there is none
   */
  Object call(CallRequest request);

  /**
   * Runs a call without blocking.
   *
   * @param request the call
   * @return a future that ends in its result; cancelling it cancels the Python work
   */
  CompletableFuture<Object> callAsync(CallRequest request);

  /**
   * The name of the pool that it leads to.
   *
   * @return the name
   */
  String name();

  /**
   * Where the subscribers of streams are told, with what belongs to the calling thread.
   *
   * @return runs tasks on threads that may be held up
   */
  Executor deliveries();

  /**
   * Runs a call that wants to know what answers it.
   *
   * @param request the call
   * @param by told what answers, before its end; more than once when several try
   * @return its result
   * @throws org.serpentry.api.PythonPoolException when there is none
   */
  default Object answer(CallRequest request, Consumer<Service> by) {
    by.accept(Service.POOL);
    return call(request);
  }

  /**
   * The same without blocking.
   *
   * @param request the call
   * @param by told what answers, before its end, on any thread
   * @return a future that ends in its result; cancelling it cancels the Python work
   */
  default CompletableFuture<Object> answerAsync(CallRequest request, Consumer<Service> by) {
    by.accept(Service.POOL);
    return callAsync(request);
  }

  /**
   * Whether calls that failed are answered by their fallbacks.
   *
   * @return false when an administrator has turned that off
   */
  default boolean asksFallbacks() {
    return true;
  }
}
