// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

/**
 * One attempt of an asynchronous call. {@link #send} runs on the thread that got the worker, the
 * other methods on the reactor; none blocks.
 */
interface Attempt {

  /** Sends the call; the reactor goes on from there. Called once, first. */
  void send();

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
