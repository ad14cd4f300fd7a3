// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

/**
 * The call that a worker is leased for.
 *
 * @param id its request id
 * @param target its function
 * @param since the {@code nanoTime} at which the lease began
 * @param caller the name of the thread that made it
 * @param session its session's id, or null
 * @param traceparent its W3C trace context, or null
 */
public record RunningCall(
    long id, String target, long since, String caller, String session, String traceparent) {

  /** A call of the pool's own. */
  public RunningCall(long id, String target, long since) {
    this(id, target, since, "", null, null);
  }
}
