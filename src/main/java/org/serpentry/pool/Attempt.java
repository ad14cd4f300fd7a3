// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

/** One attempt of an asynchronous call. Its methods run on the reactor and never block. */
interface Attempt {

  /** Nobody waits for the answer any more: that reaches Python. */
  void cancel();

  /**
   * Gives the call up for an operator; its caller hears of it.
   *
   * @param requestId the request that is meant
   * @return false when it is another, or has ended
   */
  default boolean abort(long requestId) {
    return false;
  }

  /** Ends the attempt because the pool is being closed. */
  void close();
}
