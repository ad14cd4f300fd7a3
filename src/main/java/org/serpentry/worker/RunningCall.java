// SPDX-License-Identifier: Apache-2.0
package org.serpentry.worker;

import java.util.List;

/**
 * The call that a worker is leased for. Two are equal when they are the same call.
 *
 * @param id its request id
 * @param target its function
 * @param since the {@code nanoTime} at which the lease began
 * @param caller the name of the thread that made it, or empty for a call of the pool's own
 * @param session its session's id, or null
 * @param traceparent its W3C trace context, or null
 * @param origin where it comes from, or null for a call of the pool's own, and for one that began
 *     while no call was ever slow
 */
public record RunningCall(
    long id,
    String target,
    long since,
    String caller,
    String session,
    String traceparent,
    Origin origin) {

  /**
   * Where a call comes from.
   *
   * @param arguments what it was called with
   * @param waiting the thread that waits for its end, or null when none does
   * @param stack the stack of the thread that made it, or null where it was not taken
   * @param queuedNanos how long it had waited for a worker
   * @param payloadBytes how long its encoded arguments are, without those outside the JSON
   */
  public record Origin(
      Arguments arguments,
      Thread waiting,
      List<StackTraceElement> stack,
      long queuedNanos,
      int payloadBytes) {}

  /** Arguments that can be told of. */
  public interface Arguments {

    /**
     * Each argument's name and how large it is.
     *
     * @param values whether its value is told as well, cut short
     * @return a line for each
     */
    List<String> described(boolean values);
  }

  /** A call of the pool's own. */
  public RunningCall(long id, String target, long since) {
    this(id, target, since, "", null, null, null);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RunningCall call && call.id == id && call.since == since;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(id);
  }
}
