// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

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
   * Whether calls that failed are answered by their fallbacks.
   *
   * @return false when an administrator has turned that off
   */
  default boolean asksFallbacks() {
    return true;
  }
}
