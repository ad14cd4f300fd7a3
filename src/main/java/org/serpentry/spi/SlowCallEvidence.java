// SPDX-License-Identifier: Apache-2.0
package org.serpentry.spi;

import java.util.List;

/**
 * What was seen of a slow call, for whoever looks for the reason.
 *
 * @param running whether it ran when it was seen; otherwise it had ended before anybody looked, and
 *     there are no stacks of Python
 * @param queuedMillis how long it had waited for a worker before it ran; -1 when that is not known
 * @param payloadBytes how long its encoded arguments are, without bytes and arrays outside the
 *     JSON; -1 when that is not known
 * @param arguments a line for each argument: its name or place and how large it is; its value only
 *     with {@code slow-call-values}
 * @param callerStack the stack of the thread that made the call, innermost frame first; empty for
 *     the first slow asynchronous call of a function, since nothing is taken before one was slow
 * @param pythonStacks the stacks of all threads of its worker, or why there are none
 */
public record SlowCallEvidence(
    boolean running,
    long queuedMillis,
    int payloadBytes,
    List<String> arguments,
    List<StackTraceElement> callerStack,
    String pythonStacks) {

  /** Copies the lists. */
  public SlowCallEvidence {
    arguments = List.copyOf(arguments);
    callerStack = List.copyOf(callerStack);
  }
}
