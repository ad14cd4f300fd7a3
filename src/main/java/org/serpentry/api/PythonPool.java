// SPDX-License-Identifier: Apache-2.0
package org.serpentry.api;

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
}
