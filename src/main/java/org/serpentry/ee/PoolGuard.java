// SPDX-License-Identifier: Apache-2.0
package org.serpentry.ee;

import java.util.concurrent.CompletionStage;

/**
 * What the server's MicroProfile Fault Tolerance wraps: each pool has a subclass of its own, a CDI
 * bean whose methods carry the annotations. Stateless; any thread may call.
 */
public abstract class PoolGuard {

  /** For the subclasses. */
  protected PoolGuard() {}

  /**
   * One attempt of a call.
   *
   * @param call the call
   * @return its result
   */
  public Object call(GuardedCall call) {
    return call.attempt();
  }

  /**
   * One attempt of a call, without blocking.
   *
   * @param call the call
   * @return ends in its result
   */
  public CompletionStage<Object> callAsync(GuardedCall call) {
    return call.attemptAsync();
  }
}
