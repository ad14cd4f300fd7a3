// SPDX-License-Identifier: Apache-2.0
package org.serpentry.pool;

import org.serpentry.protocol.Frame;
import org.serpentry.worker.Worker;

/**
 * Where one call may run, and what goes with it; a call without one runs on any worker. Used by one
 * thread at a time, which is whoever has the call.
 */
interface Route extends CallSession {

  /** Leases a worker that will do; null when none is free now. Throws what bars the way. */
  Worker poll(Checkout checkout);

  /** The only worker that will do; null when any will. */
  Worker wanted();

  /** When it began to wait, as {@code nanoTime}. */
  long since();

  /** How long it has waited for its turn, in nanoseconds; 0 once it has had a worker. */
  long spent(long now);

  /** How many bytes go with it at most, besides its arguments. */
  int extraBytes();

  /** The call will be sent to this worker now. */
  void assigned(Worker worker);

  /** The field for the call's header; empty: none. */
  byte[] field();

  /** What goes with it, at the end of its frame; null: nothing. */
  byte[] state();

  /** Takes what came with a reply now; {@link #taken} tells what was wrong with it. */
  void take(Worker worker, Frame reply);

  /**
   * Takes what came with a result, if that has not been done.
   *
   * @return how many bytes of the payload are the result
   */
  int taken(CallRequest request, Worker worker, Frame reply);

  /** The call has come to its end, whatever that is; may be told more than once. Any thread. */
  void over();
}
