// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

import java.util.List;

/**
 * A supervised pool of Python workers. In a Jakarta EE application it is injected: {@code @Inject
 * PythonPool} for the default pool, {@code @Inject @PoolName("ml") PythonPool} for a named one.
 * Safe for use by any number of threads.
 */
public interface PythonPool {

  /**
   * The pool's name, as in the configuration key {@code serpentry.pools}.
   *
   * @return the name; never empty
   */
  String name();

  /**
   * A request for one published Python function.
   *
   * @param target {@code module:function}, as the Python side publishes it with
   *     {@code @serpentry.expose}
   * @return an immutable request without arguments, which may be kept and used by many threads
   * @throws IllegalArgumentException when the target is not of that form or is longer than 512
   *     bytes
   */
  PythonFunction function(String target);

  /**
   * Runs many calls and waits for all of them. Each ends for itself: a failure of one does not
   * touch the others. An interrupt of the waiting thread cancels those that run, is kept as the
   * thread's interrupt status, and gives those without an end a {@link CallCancelledException}.
   *
   * @param type the results' type
   * @param calls the requests, each with its arguments and limits; they may be of other pools
   * @param atOnce how many may run or wait at once, 1 or more; as many as the pool has workers is a
   *     good number, many more only fill its queue
   * @param <T> the results' type
   * @return one result for each call, in their order
   */
  default <T> List<BatchResult<T>> callAll(
      Class<T> type, List<? extends PythonFunction> calls, int atOnce) {
    return new Batch<>(name(), type, calls, atOnce).run();
  }

  /**
   * What answers calls that come now: the pool itself, or what {@code fallback} puts in its place.
   * Asks nobody.
   *
   * @return {@link Service#NONE} when the pool is closed, or cannot serve and nothing does for it
   */
  Service service();

  /**
   * A session of this pool. Asking for it begins nothing; its first call does. With {@code
   * session-scope=principal} it belongs to the caller authenticated now, so that the handle must
   * not be kept for another one.
   *
   * @param id 1 to 256 bytes without control characters, for example a user's or a conversation's
   * @return an immutable handle
   * @throws IllegalArgumentException when the id is not of that form
   */
  PythonSession session(String id);
}
